import type { HostSettings } from './hostSettings.ts'

/** "Standard profile: a shell, and `console` starts it." Whoever administers the machine has root by sudo, as on any Debian. */
export const standard: HostSettings = {
  adminShell: '/bin/bash',
  adminGroups: ['sudo'],
  packages: ['sudo'],
  ssh: [
    // A machine that somebody installs this on may be administered by root's key already: it is not locked out.
    'PermitRootLogin prohibit-password',
    'AuthorizedKeysFile /etc/ssh/authorized_keys/%u /etc/ssh/authorized_keys/%u.pair .ssh/authorized_keys',
  ],
}
