import { type Deed, ours } from '../../deed.ts'
import { file, withValues } from './stigDeed.ts'

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

/** "auditd rules": what changes the machine, and what was refused. */
export const audit: Deed[] = [
  file(
    'Changes to the machine, and what was refused, are written to the audit log.',
    '/etc/audit/rules.d/70-quartermaster.rules',
    auditRules,
    { mode: 0o640 },
  ),
  file(
    'The audit log keeps its room, and tells before it is full.',
    '/etc/audit/auditd.conf',
    withValues(
      {
        max_log_file: '50',
        num_logs: '10',
        max_log_file_action: 'ROTATE',
        space_left: '25%',
        space_left_action: 'SYSLOG',
        admin_space_left: '10%',
        admin_space_left_action: 'SYSLOG',
        disk_full_action: 'SYSLOG',
        disk_error_action: 'SYSLOG',
        name_format: 'HOSTNAME',
      },
      (name, value) => `${name} = ${value}`,
      name => new RegExp(`^${name} =.*$`, 'm'),
    ),
    { mode: 0o640 },
  ),
]
