import { hasLine, isEnabled, isOwned, type Rule } from '../rule.ts'

const unit = '/opt/quartermaster/current/appliance/systemd/quartermaster.service'
const cluster = '/etc/postgresql/15/quartermaster'

/** Quartermaster itself, and its database. */
export const server: Rule[] = [
  {
    id: 'profile',
    title: 'The machine is in the STIG profile',
    severity: 'high',
    origin: 'own',
    value: 'stig',
    met: 'the installer (settings.ts)',
    check: hasLine('/etc/quartermaster/profile', '^stig$', 'it is not'),
  },
  {
    id: 'no-privilege',
    title: 'The server has no privilege but its ports',
    severity: 'high',
    origin: 'V-222430',
    value: 'a user of its own, one capability, no new privileges, a read-only system',
    met: 'systemd/quartermaster.service',
    check: [
      'User=quartermaster',
      'CapabilityBoundingSet=CAP_NET_BIND_SERVICE',
      'NoNewPrivileges=yes',
      'ProtectSystem=strict',
      'PrivateDevices=yes',
    ]
      .map(line => `on grep -qx '${line}' ${unit} || fail '${line} is missing'`)
      .join('\n'),
  },
  {
    id: 'exposure',
    title: "systemd's count of what the server could do is below 2.0",
    severity: 'medium',
    origin: 'own',
    value: 'below 2.0 of 10',
    met: 'systemd/quartermaster.service',
    check: `on systemd-analyze security --offline=true ${unit} 2>/dev/null | grep -Eq 'exposure level for quartermaster.service: [01][.]' || fail 'it is not'`,
  },
  {
    id: 'server-key',
    title: 'The server key is for the service alone',
    severity: 'high',
    origin: 'ASD V5 key protection',
    value: 'keys 0700; server.key 0600',
    met: 'the installer (folders.ts, settings.ts)',
    check: `${isOwned('/etc/quartermaster/keys', '700', 'quartermaster:quartermaster')}
[ ! -e "$root/etc/quartermaster/keys/server.key" ] || ${isOwned('/etc/quartermaster/keys/server.key', '600', 'quartermaster:quartermaster')}`,
  },
  {
    id: 'settings-private',
    title: 'Settings are written by root and read by the service',
    severity: 'medium',
    origin: 'UBTU-22-232 group',
    value: 'settings.env 0640 root:quartermaster',
    met: 'the installer (settings.ts)',
    check: isOwned('/etc/quartermaster/settings.env', '640', 'root:quartermaster'),
  },
  {
    id: 'backups-private',
    title: 'Backups are for the service alone',
    severity: 'medium',
    origin: 'ASD V5 backup protection',
    value: '0700, and each is encrypted',
    met: 'the installer (folders.ts), backup',
    check: isOwned('/var/lib/quartermaster/backups', '700', 'quartermaster:quartermaster'),
  },
  {
    id: 'release-read-only',
    title: 'What runs is written by root alone',
    severity: 'high',
    origin: 'UBTU-22-232 group',
    value: 'nothing below /opt/quartermaster belongs to others or may be written by them',
    met: 'the installer (release.ts), upgrade',
    check: `on find /opt/quartermaster ! -type l '(' ! -user root -o -perm /022 ')' -print -quit | grep . && fail 'something can be written'`,
  },
  {
    id: 'release-signed',
    title: 'Only signed releases are taken',
    severity: 'high',
    origin: 'V-222513; UBTU-22-214010',
    value: 'the public half of the release key stands in the release',
    met: 'release, upgrade',
    check: `on grep -qs 'BEGIN PUBLIC KEY' /opt/quartermaster/current/release-key.pem || fail 'there is none'`,
  },
  {
    id: 'helper-sockets',
    title: "The root helper's sockets are for their groups alone",
    severity: 'high',
    origin: 'own (CVE-2026-20160 elsewhere)',
    value: '0660 root:quartermaster-console and root:quartermaster',
    met: 'systemd/quartermaster-helper-*.socket',
    check: `for each in console server; do
  on grep -qx SocketMode=0660 /opt/quartermaster/current/appliance/systemd/quartermaster-helper-$each.socket || fail "$each is open"
done
${isEnabled('quartermaster-helper-console.socket')}`,
  },
  {
    id: 'database-access',
    title: 'Nobody comes to the database without being known to the system',
    severity: 'high',
    origin: 'PGS9-00 and CD16-00 authentication rules',
    value: 'no trust, password or md5 in pg_hba.conf',
    met: 'the installer (database.ts)',
    check: `[ ! -d "$root${cluster}" ] || { grep -Evs '^(#|$)' "$root${cluster}/pg_hba.conf" | grep -Eq '(trust|password|md5|ident)[[:space:]]*$' && fail 'there is a weak line'; grep -qs peer "$root${cluster}/pg_hba.conf" || fail 'pg_hba.conf is not ours'; }`,
  },
  {
    id: 'database-transmission',
    title: 'The database listens on its socket alone, or to its peer by TLS',
    severity: 'high',
    origin: 'PGS9 and CD16 transmission rules',
    value: 'listen_addresses empty; scram-sha-256',
    met: 'the installer (database.ts)',
    check: `[ ! -d "$root${cluster}" ] || { ${hasLine(`${cluster}/conf.d/quartermaster.conf`, '^listen_addresses = [^a-z0-9]*$', 'it listens')}; ${hasLine(`${cluster}/conf.d/quartermaster.conf`, 'scram-sha-256', 'other passwords')}; }`,
  },
  {
    id: 'database-log',
    title: 'The database records who comes and goes',
    severity: 'medium',
    origin: 'V-73021, PGS9-00-000200',
    value: 'log_connections, log_disconnections, a prefix with time, user and host, files 0600',
    met: 'the installer (database.ts)',
    check: `[ ! -d "$root${cluster}" ] || { ${[
      'log_connections = on',
      'log_disconnections = on',
      'log_file_mode = 0600',
      'log_line_prefix = .*%m.*%u.*%h',
    ]
      .map(line => hasLine(`${cluster}/conf.d/quartermaster.conf`, `^${line}`, `${line} is missing`))
      .join('; ')}; }`,
  },
  {
    id: 'tls',
    title: 'The workspaces speak TLS 1.2 and newer, by approved suites',
    severity: 'high',
    origin: 'SRG-APP-000014-WSR, SRG-APP-000015-WSR',
    value: 'TLS 1.1 and ChaCha20 are refused; TLS 1.2 with AES-GCM is taken',
    met: 'src/pki/tlsPolicy.ts',
    live: true,
    check: `try() { echo | timeout 10 openssl s_client -connect localhost:8443 "$@" >/dev/null 2>&1; }
try -tls1_2 -cipher ECDHE+AESGCM || fail 'TLS 1.2 with AES-GCM is refused'
try -tls1_1 -cipher ALL:@SECLEVEL=0 && fail 'TLS 1.1 is taken'
try -tls1_2 -cipher CHACHA20 && fail 'ChaCha20 is taken'`,
  },
  {
    id: 'headers',
    title: 'The workspaces send what browsers need and nothing of themselves',
    severity: 'medium',
    origin: 'Web Server SRG; V-222602',
    value: 'HSTS, CSP without unsafe, nosniff; no Server, no X-Powered-By',
    met: 'src/web/security.ts',
    live: true,
    check: `headers=$(curl -skIL --max-time 20 https://localhost:8443/)
for each in strict-transport-security content-security-policy 'x-content-type-options: nosniff'; do
  echo "$headers" | grep -qi "^$each" || fail "no $each"
done
echo "$headers" | grep -qi unsafe- && fail 'the policy has unsafe-'
echo "$headers" | grep -Eqi '^(server|x-powered-by):' && fail 'it tells what it is'`,
  },
]
