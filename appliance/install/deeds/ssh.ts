import { hostSettings } from '../../profiles/hostSettings.ts'
import { type Deed, file, ours } from '../deed.ts'
import type { Host } from '../host.ts'

/** Approved algorithms alone, strongest first; "FIPS-approved algorithms", never "validated". The same in both profiles: every client has them. */
const always = [
  'Ciphers aes256-gcm@openssh.com,aes256-ctr,aes192-ctr,aes128-gcm@openssh.com,aes128-ctr',
  'MACs hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com,hmac-sha2-512,hmac-sha2-256',
  'KexAlgorithms ecdh-sha2-nistp384,ecdh-sha2-nistp521,ecdh-sha2-nistp256,diffie-hellman-group18-sha512,diffie-hellman-group16-sha512,diffie-hellman-group14-sha256',
  'AllowTcpForwarding no',
  'AllowStreamLocalForwarding no',
  'AllowAgentForwarding no',
  'PermitTunnel no',
  'GatewayPorts no',
  'X11Forwarding no',
  'PermitUserEnvironment no',
  'PermitUserRC no',
  'PermitEmptyPasswords no',
  'HostbasedAuthentication no',
  'StrictModes yes',
  'UsePAM yes',
  'MaxAuthTries 3',
  'ClientAliveInterval 600',
  'ClientAliveCountMax 1',
  'Banner /etc/issue.net',
  'PrintLastLog yes',
  'LogLevel VERBOSE',
  'Compression no',
  'RekeyLimit 1G 1h',
]

export const sshText = (host: Pick<Host, 'profile'>) => `${ours}${[...always, ...hostSettings(host.profile).ssh].join('\n')}\n`

/** A file that sshd does not take is not put before it: whoever is at the other end would be locked out. */
const reload = (host: Host) =>
  void (host.run('sshd', ['-t']).code === 0 && host.hasServices && host.run('systemctl', ['try-reload-or-restart', 'ssh.service']))

export const ssh: Deed[] = [
  file(
    'SSH forwards nothing, takes no environment, and speaks approved algorithms alone.',
    '/etc/ssh/sshd_config.d/00-quartermaster.conf',
    (_former, host) => sshText(host),
    {
      mode: 0o600,
      after: reload,
    },
  ),
  file(
    // Debian's own line. A variable of the client is a way to a pager, a module or a library.
    'SSH takes no variable of the client.',
    '/etc/ssh/sshd_config',
    former => former.replace(/^(AcceptEnv .*)$/m, '#$1'),
    { after: reload },
  ),
]
