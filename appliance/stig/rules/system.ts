import { hasLine, isEnabled, isOwned, kernelValue, type Rule } from '../rule.ts'

const met = 'the installer (hardening.ts)'
const watched = [
  '/etc/passwd',
  '/etc/shadow',
  '/etc/group',
  '/etc/ssh',
  '/etc/quartermaster',
  '/opt/quartermaster',
  '/etc/keepalived',
  '/etc/nftables.conf',
]
const keys = ['permissions', 'deletion', 'refused', 'privileged', 'time', 'mounts', 'modules', 'logins']
const unwanted = 'telnetd|inetutils-telnetd|rsh-server|rsh-redone-server|nis|tftpd|xinetd|talkd|ntp|ntpsec|systemd-timesyncd|x11-common'

/** The machine beneath. */
export const system: Rule[] = [
  {
    id: 'usb-storage',
    title: 'USB storage is off',
    severity: 'high',
    origin: 'UBTU-22-291010; product requirement',
    value: 'usb-storage and uas cannot be loaded; usbguard refuses what stores',
    met,
    check: `${hasLine('/etc/modprobe.d/quartermaster-usb.conf', '^install usb-storage /bin/false$', 'usb-storage can be loaded')}
${hasLine('/etc/modprobe.d/quartermaster-usb.conf', '^blacklist usb-storage$', 'usb-storage is not on the list')}
${hasLine('/etc/modprobe.d/quartermaster-usb.conf', '^install uas /bin/false$', 'uas can be loaded')}
${hasLine('/etc/usbguard/rules.conf', '^reject with-interface one-of [{] 08:', 'usbguard lets storage in')}
${isEnabled('usbguard.service')}`,
  },
  {
    id: 'ctrl-alt-del',
    title: 'Ctrl-Alt-Del restarts nothing',
    severity: 'high',
    origin: 'UBTU-22-211015',
    value: 'the target is masked, and so is a burst of it',
    met,
    check: `[ "$(readlink "$root/etc/systemd/system/ctrl-alt-del.target")" = /dev/null ] || fail 'the target is not masked'
${hasLine('/etc/systemd/system.conf.d/quartermaster.conf', '^CtrlAltDelBurstAction=none$', 'a burst restarts')}`,
  },
  {
    id: 'audit-runs',
    title: 'The audit service starts with the machine',
    severity: 'medium',
    origin: 'UBTU-22-653010, UBTU-22-653015',
    value: 'auditd enabled',
    met,
    check: isEnabled('auditd.service'),
  },
  {
    id: 'audit-rules',
    title: 'Changes to the machine, and what was refused, are recorded',
    severity: 'medium',
    origin: 'UBTU-22-654 group',
    value: 'files of identity, SSH, firewall and Quartermaster; permissions, deletion, refusals, privilege, time, mounts, modules',
    met,
    check: [
      ...watched.map(path => hasLine('/etc/audit/rules.d/70-quartermaster.rules', `^-w ${path} -p wa`, `${path} is not watched`)),
      ...keys.map(key => hasLine('/etc/audit/rules.d/70-quartermaster.rules', `-k ${key}$`, `${key} is not recorded`)),
    ].join('\n'),
  },
  {
    id: 'audit-immutable',
    title: 'The rules of the audit stand until the next start',
    severity: 'medium',
    origin: 'UBTU-22-654 group; ANSSI BP-028',
    value: '-e 2',
    met,
    check: hasLine('/etc/audit/rules.d/70-quartermaster.rules', '^-e 2$', 'they can be changed'),
  },
  {
    id: 'audit-room',
    title: 'The audit log tells when three quarters of its room are full',
    severity: 'low',
    origin: 'UBTU-22-653040',
    value: 'space_left 25%',
    met,
    check: hasLine('/etc/audit/auditd.conf', '^space_left = 25%$', 'it does not tell'),
  },
  {
    id: 'audit-private',
    title: 'The audit log is for root alone',
    severity: 'medium',
    origin: 'UBTU-22-653045 to 653065',
    value: '/var/log/audit 0750 or less; rules 0640',
    met: 'Debian, the installer',
    check: `on stat -c %a /var/log/audit | grep -Eqx '7[05]0' || fail 'the folder is open'
${isOwned('/etc/audit/rules.d/70-quartermaster.rules', '640', 'root:root')}`,
  },
  {
    id: 'kernel-secrets',
    title: 'The kernel keeps its addresses, its log and other processes to itself',
    severity: 'medium',
    origin: 'UBTU-22-213010, UBTU-22-213020; ANSSI BP-028',
    value: 'dmesg_restrict, kptr_restrict, ASLR, ptrace, BPF',
    met,
    check: [
      ['kernel.dmesg_restrict', '1'],
      ['kernel.kptr_restrict', '2'],
      ['kernel.randomize_va_space', '2'],
      ['kernel.yama.ptrace_scope', '2'],
      ['kernel.unprivileged_bpf_disabled', '1'],
      ['kernel.sysrq', '0'],
    ]
      .map(([name, value]) => kernelValue(name!, value!))
      .join('\n'),
  },
  {
    id: 'kernel-network',
    title: 'The kernel forwards nothing and follows no redirection',
    severity: 'medium',
    origin: 'UBTU-22-253010; ANSSI BP-028',
    value: 'syncookies on; forwarding, redirects and source routes off',
    met,
    check: [
      ['net.ipv4.tcp_syncookies', '1'],
      ['net.ipv4.ip_forward', '0'],
      ['net.ipv4.conf.all.accept_redirects', '0'],
      ['net.ipv4.conf.all.send_redirects', '0'],
      ['net.ipv4.conf.all.accept_source_route', '0'],
      ['net.ipv6.conf.all.accept_redirects', '0'],
    ]
      .map(([name, value]) => kernelValue(name!, value!))
      .join('\n'),
  },
  {
    id: 'no-core-dumps',
    title: 'Nothing leaves its memory on the disk',
    severity: 'medium',
    origin: 'UBTU-22-213015',
    value: 'no core dumps, no kdump',
    met,
    check: `${kernelValue('fs.suid_dumpable', '0')}
${hasLine('/etc/security/limits.d/quartermaster.conf', 'hard core 0', 'cores are allowed')}
on dpkg-query -W -f '\${db:Status-Status}' kdump-tools 2>/dev/null | grep -qx installed && fail 'kdump is installed'`,
  },
  {
    id: 'firewall',
    title: 'The firewall lets in four ports and refuses the rest',
    severity: 'high',
    origin: 'UBTU-22-251010 to 251030',
    value: 'policy drop; 22, 80, 443, 8443; the rest for peers; rates limited',
    met: 'the installer (firewall.ts)',
    check: `${hasLine('/etc/nftables.conf', 'hook input .*policy drop', 'the policy is not drop')}
${hasLine('/etc/nftables.conf', 'tcp dport [{] 22, 80, 443, 8443 [}] accept', 'other ports are let in')}
${hasLine('/etc/nftables.conf', 'limit rate over', 'no rate is limited')}
${isEnabled('nftables.service')}`,
  },
  {
    id: 'firewall-loaded',
    title: 'The firewall is loaded',
    severity: 'high',
    origin: 'UBTU-22-251015',
    value: 'the table is in the kernel',
    met: 'the installer (firewall.ts)',
    live: true,
    check: `nft list table inet quartermaster 2>/dev/null | grep -q 'policy drop' || fail 'it is not'`,
  },
  {
    id: 'time',
    title: 'The clock follows time servers, and serves nobody',
    severity: 'low',
    origin: 'UBTU-22-252010 to 252020, UBTU-22-215015',
    value: 'chrony, port 0',
    met: 'the installer (services.ts)',
    check: `${isEnabled('chrony.service')}\n${hasLine('/etc/chrony/conf.d/quartermaster.conf', '^port 0$', 'it serves others')}`,
  },
  {
    id: 'no-old-services',
    title: 'No telnet, rsh, NIS, TFTP or X is installed',
    severity: 'high',
    origin: 'UBTU-22-215020 to 215035',
    value: 'none of the packages',
    met: 'nothing installs them',
    check: `on dpkg-query -W -f '\${Package} \${db:Status-Status}\\n' 2>/dev/null | grep -E '^(${unwanted}) installed$' && fail 'some are'`,
  },
  {
    id: 'signed-packages',
    title: 'Only signed packages are installed',
    severity: 'high',
    origin: 'UBTU-22-214010',
    value: 'apt allows nothing unauthenticated',
    met: 'Debian',
    check: `grep -REis 'AllowUnauthenticated|AllowInsecureRepositories|trusted=yes' "$root/etc/apt" | grep -Eiv 'false|"0"' | grep . && fail 'apt allows it'`,
  },
  {
    id: 'apparmor',
    title: 'AppArmor starts with the machine',
    severity: 'medium',
    origin: 'UBTU-22-431010',
    value: 'apparmor enabled',
    met,
    check: isEnabled('apparmor.service'),
  },
  {
    id: 'unused-modules',
    title: 'Protocols and file systems that nobody needs cannot be loaded',
    severity: 'low',
    origin: 'ANSSI BP-028; UBTU-22-291 group',
    value: 'dccp, sctp, rds, tipc, cramfs, udf and others',
    met,
    check: ['dccp', 'sctp', 'rds', 'tipc', 'cramfs', 'udf']
      .map(name => hasLine('/etc/modprobe.d/quartermaster-unused.conf', `^install ${name} /bin/false$`, `${name} can be loaded`))
      .join('\n'),
  },
  {
    id: 'shadow-private',
    title: 'The lists of users and hashes have their modes',
    severity: 'high',
    origin: 'UBTU-22-232 group',
    value: 'shadow 0640 root:shadow, passwd 0644',
    met: 'Debian',
    check: `${isOwned('/etc/shadow', '640', 'root:shadow')}\n${isOwned('/etc/gshadow', '640', 'root:shadow')}\n${isOwned('/etc/passwd', '644', 'root:root')}`,
  },
  {
    id: 'fips-module',
    title: 'Cryptography is done by a validated module',
    severity: 'high',
    origin: 'UBTU-22-671010',
    value: 'FIPS mode',
    met: 'not met',
    check: `[ "$(cat /proc/sys/crypto/fips_enabled 2>/dev/null)" = 1 ] || fail 'Debian 12 has no FIPS provider'`,
    exception:
      'Debian 12 ships no validated module. Only FIPS-approved algorithms are used (ssh-ciphers, ssh-macs, tls); nothing here is called validated.',
  },
]
