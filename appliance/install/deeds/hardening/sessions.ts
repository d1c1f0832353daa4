import { type Deed, ours, symlink } from '../../deed.ts'
import { must, read } from '../../host.ts'
import { file, stig } from './stigDeed.ts'

/** "session rules locked": shells that end, keys that restart nothing, and nobody who becomes root by a password. */
export const sessions: Deed[] = [
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
]
