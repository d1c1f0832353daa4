import { file as anyFile, type Deed, ours, symlink } from '../deed.ts'
import { type Host, must, read } from '../host.ts'

const stig = { profiles: ['stig'] as const }
const file = (
  sentence: string,
  path: string,
  content: string | ((former: string, host: Host) => string),
  options: Parameters<typeof anyFile>[3] = {},
): Deed => anyFile(sentence, path, content, { ...options, ...stig })

/** Our own words: the text of a public authority is for whoever is subject to it to put here. */
const banner = `You are about to use a system that is provided for authorized use only.
By going on you consent to these conditions: what you do here is recorded and may be inspected
at any time, data on this system may be disclosed for authorized purposes, and use without
authorization may be prosecuted. If you do not consent, leave now.
`

/** Values of Debian's file, put in the place of the lines that are there. */
const withValues =
  (values: Record<string, string>) =>
  (text: string): string =>
    Object.entries(values).reduce((all, [name, value]) => {
      const line = `${name}\t${value}`
      const present = new RegExp(`^#?\\s*${name}\\s.*$`, 'm')
      return present.test(all) ? all.replace(present, line) : `${all}${line}\n`
    }, text)

const usb = `${ours}install usb-storage /bin/false
install uas /bin/false
blacklist usb-storage
blacklist uas
install firewire-core /bin/false
`

/** Nobody needs these on an appliance, and each has had its holes. */
const unusedModules = ['dccp', 'sctp', 'rds', 'tipc', 'cramfs', 'freevxfs', 'hfs', 'hfsplus', 'jffs2', 'udf']

/** Keyboards, and what is built in, stay; whatever stores or speaks a network over USB is not let in. */
const usbRules = `reject with-interface one-of { 08:*:* }
reject with-interface one-of { 02:*:* }
reject with-interface one-of { e0:*:* }
allow
`

const kernel = `${ours}kernel.dmesg_restrict = 1
kernel.kptr_restrict = 2
kernel.randomize_va_space = 2
kernel.yama.ptrace_scope = 2
kernel.unprivileged_bpf_disabled = 1
kernel.perf_event_paranoid = 3
kernel.sysrq = 0
kernel.core_pattern = |/bin/false
kernel.kexec_load_disabled = 1
kernel.panic_on_oops = 1
fs.suid_dumpable = 0
fs.protected_hardlinks = 1
fs.protected_symlinks = 1
fs.protected_fifos = 2
fs.protected_regular = 2
net.core.bpf_jit_harden = 2
net.ipv4.tcp_syncookies = 1
net.ipv4.tcp_rfc1337 = 1
net.ipv4.ip_forward = 0
net.ipv4.conf.all.rp_filter = 1
net.ipv4.conf.default.rp_filter = 1
net.ipv4.conf.all.accept_redirects = 0
net.ipv4.conf.default.accept_redirects = 0
net.ipv4.conf.all.secure_redirects = 0
net.ipv4.conf.default.secure_redirects = 0
net.ipv4.conf.all.send_redirects = 0
net.ipv4.conf.default.send_redirects = 0
net.ipv4.conf.all.accept_source_route = 0
net.ipv4.conf.default.accept_source_route = 0
net.ipv4.conf.all.log_martians = 1
net.ipv4.conf.all.shared_media = 0
net.ipv4.conf.default.shared_media = 0
net.ipv4.conf.all.arp_filter = 1
net.ipv4.conf.all.arp_ignore = 2
net.ipv4.conf.all.drop_gratuitous_arp = 1
net.ipv4.conf.all.route_localnet = 0
net.ipv4.icmp_echo_ignore_broadcasts = 1
net.ipv4.icmp_ignore_bogus_error_responses = 1
net.ipv4.ip_local_port_range = 32768 65535
net.ipv6.conf.all.forwarding = 0
net.ipv6.conf.all.accept_redirects = 0
net.ipv6.conf.default.accept_redirects = 0
net.ipv6.conf.all.accept_source_route = 0
net.ipv6.conf.default.accept_source_route = 0
vm.mmap_min_addr = 65536
`

const watched: [string, string][] = [
  ['/etc/passwd', 'identity'],
  ['/etc/group', 'identity'],
  ['/etc/shadow', 'identity'],
  ['/etc/gshadow', 'identity'],
  ['/etc/security/opasswd', 'identity'],
  ['/etc/ssh', 'ssh'],
  ['/etc/pam.d', 'pam'],
  ['/etc/nftables.conf', 'firewall'],
  ['/etc/audit', 'audit'],
  ['/etc/systemd/system', 'units'],
  ['/etc/chrony', 'time'],
  ['/etc/localtime', 'time'],
  ['/etc/hosts', 'network'],
  ['/etc/systemd/network', 'network'],
  ['/etc/keepalived', 'keepalived'],
  ['/etc/postgresql', 'database'],
  ['/etc/quartermaster', 'quartermaster'],
  ['/opt/quartermaster', 'quartermaster'],
  ['/var/log/lastlog', 'logins'],
  ['/var/log/wtmp', 'logins'],
  ['/var/log/btmp', 'logins'],
  ['/run/utmp', 'logins'],
]
const byPeople = '-F auid>=1000 -F auid!=unset'
const calls: [string, string][] = [
  ['chmod,fchmod,fchmodat', 'permissions'],
  ['chown,fchown,fchownat,lchown', 'permissions'],
  ['setxattr,lsetxattr,fsetxattr,removexattr,lremovexattr,fremovexattr', 'permissions'],
  ['unlink,unlinkat,rename,renameat', 'deletion'],
]
const auditRules = `${ours}-b 8192
--backlog_wait_time 60000
-f 1
${watched.map(([path, key]) => `-w ${path} -p wa -k ${key}`).join('\n')}
${calls.map(([names, key]) => `-a always,exit -F arch=b64 -S ${names} ${byPeople} -k ${key}`).join('\n')}
-a always,exit -F arch=b64 -S open,openat,creat,truncate,ftruncate -F exit=-EACCES ${byPeople} -k refused
-a always,exit -F arch=b64 -S open,openat,creat,truncate,ftruncate -F exit=-EPERM ${byPeople} -k refused
-a always,exit -F arch=b64 -S execve -C uid!=euid -F euid=0 -k privileged
-a always,exit -F arch=b64 -S execve -C gid!=egid -F egid=0 -k privileged
-a always,exit -F arch=b64 -S adjtimex,settimeofday,clock_settime -k time
-a always,exit -F arch=b64 -S sethostname,setdomainname -k network
-a always,exit -F arch=b64 -S mount,umount2 ${byPeople} -k mounts
-a always,exit -F arch=b64 -S init_module,finit_module,delete_module -k modules
-a always,exit -F arch=b32 -S all -k other-abi
-e 2
`

const quality = `${ours}minlen = 15
ucredit = -1
lcredit = -1
dcredit = -1
ocredit = -1
difok = 8
maxrepeat = 3
dictcheck = 1
usercheck = 1
enforcing = 1
enforce_for_root
`

const lockout = `${ours}deny = 3
fail_interval = 900
unlock_time = 900
audit
even_deny_root
`

/** PAM's own way in for additions: three failures lock, and five former passwords are remembered. */
const pamLock = `Name: Quartermaster: lock after failures
Default: yes
Priority: 1024
Auth-Type: Primary
Auth:
\trequisite pam_faillock.so preauth
Auth-Initial:
\trequisite pam_faillock.so preauth
Account-Type: Primary
Account:
\trequired pam_faillock.so
`
const pamFail = `Name: Quartermaster: count failures
Default: yes
Priority: 0
Auth-Type: Primary
Auth:
\t[default=die] pam_faillock.so authfail
`
const pamHistory = `Name: Quartermaster: remember passwords
Default: yes
Priority: 1000
Password-Type: Primary
Password:
\trequisite pam_pwhistory.so remember=5 use_authtok enforce_for_root
Password-Initial:
\trequisite pam_pwhistory.so remember=5 enforce_for_root
`
const renewPam = (host: Host) => void must(host, 'pam-auth-update', ['--package'])

const restart = (unit: string) => (host: Host) => void (host.hasServices && host.run('systemctl', ['try-restart', unit]))

/** "STIG adds: … USB storage off …, consent banner, …, password and session rules locked, auditd rules". `appliance/stig` checks each of these. */
export const hardening: Deed[] = [
  file('USB storage cannot be loaded.', '/etc/modprobe.d/quartermaster-usb.conf', usb),
  file(
    'Protocols and file systems that nobody needs cannot be loaded.',
    '/etc/modprobe.d/quartermaster-unused.conf',
    `${ours}${unusedModules.map(name => `install ${name} /bin/false`).join('\n')}\n`,
  ),
  file('usbguard refuses what stores or speaks a network.', '/etc/usbguard/rules.conf', usbRules, {
    mode: 0o600,
    after: restart('usbguard.service'),
  }),
  file(
    'Where the kernel knows no USB, as in a cloud, usbguard is passed over.',
    '/etc/systemd/system/usbguard.service.d/quartermaster.conf',
    `${ours}[Unit]\nConditionPathExists=/sys/bus/usb\n`,
  ),
  file('Who signs in at the machine reads the notice first.', '/etc/issue', banner),
  file('Who signs in by SSH reads the notice first.', '/etc/issue.net', banner),
  file('Nothing of the system is told after the notice.', '/etc/motd', ''),
  file('The kernel tells little, follows no redirection and forwards nothing.', '/etc/sysctl.d/60-quartermaster.conf', kernel, {
    after: host => void (host.hasServices && host.run('sysctl', ['--system'])),
  }),
  file(
    'Nothing leaves its memory on the disk.',
    '/etc/security/limits.d/quartermaster.conf',
    `${ours}* hard core 0\n* hard maxlogins 10\n`,
  ),
  file(
    'Changes to the machine, and what was refused, are written to the audit log.',
    '/etc/audit/rules.d/70-quartermaster.rules',
    auditRules,
    { mode: 0o640 },
  ),
  file(
    'The audit log keeps its room, and tells before it is full.',
    '/etc/audit/auditd.conf',
    text =>
      [
        ['max_log_file', '50'],
        ['num_logs', '10'],
        ['max_log_file_action', 'ROTATE'],
        ['space_left', '25%'],
        ['space_left_action', 'SYSLOG'],
        ['admin_space_left', '10%'],
        ['admin_space_left_action', 'SYSLOG'],
        ['disk_full_action', 'SYSLOG'],
        ['disk_error_action', 'SYSLOG'],
        ['name_format', 'HOSTNAME'],
      ].reduce(
        (all, [name, value]) =>
          new RegExp(`^${name} =`, 'm').test(all)
            ? all.replace(new RegExp(`^${name} =.*$`, 'm'), `${name} = ${value}`)
            : `${all}${name} = ${value}\n`,
        text,
      ),
    { mode: 0o640 },
  ),
  file('A password has fifteen characters of four kinds, eight of them new.', '/etc/security/pwquality.conf.d/quartermaster.conf', quality),
  file('Three failures in fifteen minutes lock for fifteen.', '/etc/security/faillock.conf', lockout),
  file('A locked person is refused before the password is looked at.', '/usr/share/pam-configs/quartermaster-lock', pamLock, {
    after: renewPam,
  }),
  file('Failures are counted.', '/usr/share/pam-configs/quartermaster-fail', pamFail, { after: renewPam }),
  file('The last five passwords are refused.', '/usr/share/pam-configs/quartermaster-history', pamHistory, { after: renewPam }),
  file(
    'Passwords live a day at least and sixty at most; what is made is for its owner alone.',
    '/etc/login.defs',
    withValues({
      PASS_MAX_DAYS: '60',
      PASS_MIN_DAYS: '1',
      PASS_WARN_AGE: '7',
      UMASK: '077',
      ENCRYPT_METHOD: 'SHA512',
      SHA_CRYPT_MIN_ROUNDS: '65536',
      SHA_CRYPT_MAX_ROUNDS: '65536',
      LOG_OK_LOGINS: 'yes',
    }),
  ),
  file('A failure at the machine takes four seconds.', '/etc/pam.d/login', text =>
    text.replace(/^(auth\s+optional\s+pam_faildelay\.so\s+delay=)\d+$/m, (_line, before) => `${before}4000000`),
  ),
  file(
    'A shell that nobody types into ends.',
    '/etc/profile.d/quartermaster.sh',
    `${ours}umask 077\nTMOUT=600\nreadonly TMOUT\nexport TMOUT\n`,
  ),
  symlink('Ctrl-Alt-Del restarts nothing.', '/etc/systemd/system/ctrl-alt-del.target', '/dev/null', stig),
  file(
    'Not even seven times Ctrl-Alt-Del.',
    '/etc/systemd/system.conf.d/quartermaster.conf',
    `${ours}[Manager]\nCtrlAltDelBurstAction=none\nDumpCore=no\n`,
  ),
  file('A crash is not kept.', '/etc/systemd/coredump.conf.d/quartermaster.conf', `${ours}[Coredump]\nStorage=none\nProcessSizeMax=0\n`),
  {
    sentence: "admin's files are for admin alone.",
    ...stig,
    isDone: host => host.run('find', ['/home/admin', '-perm', '/077', '!', '-type', 'l', '-print', '-quit']).said.trim() === '',
    do: host => void must(host, 'chmod', ['-R', 'go=', '/home/admin']),
  },
  {
    sentence: 'root has no password, so nobody becomes root by one.',
    ...stig,
    isDone: host => /^root:[!*]/m.test(read(host, '/etc/shadow') ?? 'root:!'),
    do: host => void must(host, 'passwd', ['--quiet', '--lock', 'root']),
  },
  {
    sentence: 'Signing in again as another person is for root alone.',
    ...stig,
    isDone: host => host.run('dpkg-statoverride', ['--list', '/usr/bin/su']).code === 0,
    do: host => void must(host, 'dpkg-statoverride', ['--update', '--add', 'root', 'root', '0700', '/usr/bin/su']),
    undo(host) {
      if (host.run('dpkg-statoverride', ['--remove', '/usr/bin/su']).code === 0) must(host, 'chmod', ['4755', '/usr/bin/su'])
    },
  },
  ...['auditd.service', 'usbguard.service', 'apparmor.service'].map(
    (unit): Deed => ({
      sentence: `${unit} starts with the machine.`,
      ...stig,
      isDone: host => host.run('systemctl', ['is-enabled', '--quiet', unit]).code === 0,
      do: host => void must(host, 'systemctl', ['enable', unit]),
    }),
  ),
]
