import type { HostSettings } from './hostSettings.ts'

/** The path of the console as a login shell: there is nothing behind it. */
export const consoleShell = '/usr/local/bin/quartermaster-console'

/** "STIG adds: console-only shell, USB storage off (module blacklisted and usbguard), consent banner, SSH without forwarding, …" */
export const stig: HostSettings = {
  adminShell: consoleShell,
  adminGroups: [],
  packages: [
    'auditd',
    'usbguard',
    'libpam-pwquality',
    'cracklib-runtime',
    'apparmor',
    'apparmor-profiles',
    'libpam-apparmor',
    'openscap-scanner',
  ],
  ssh: [
    'PermitRootLogin no',
    'AllowUsers admin',
    'AuthorizedKeysFile /etc/ssh/authorized_keys/%u /etc/ssh/authorized_keys/%u.pair',
    // Keys of the approved kinds alone. A login shell that takes no command refuses scp and sftp by itself.
    'HostKey /etc/ssh/ssh_host_ecdsa_key',
    'HostKey /etc/ssh/ssh_host_rsa_key',
    'HostKeyAlgorithms ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256',
    'PubkeyAcceptedAlgorithms ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256',
    'MaxSessions 4',
    'LoginGraceTime 60',
  ],
}
