import { hostSettings } from '../../profiles/hostSettings.ts'
import { consoleShell } from '../../profiles/stig.ts'
import { type Deed, file, ours } from '../deed.ts'
import { type Host, must, put, read } from '../host.ts'

const entry = (host: Host, list: '/etc/passwd' | '/etc/group', name: string) =>
  read(host, list)
    ?.split('\n')
    .find(line => line.startsWith(`${name}:`))
    ?.split(':')

const isMember = (host: Host, user: string, group: string) => entry(host, '/etc/group', group)?.[3]?.split(',').includes(user) ?? false

const group = (name: string, sentence: string, options: Pick<Deed, 'holdsData'> = {}): Deed => ({
  sentence,
  ...options,
  isDone: host => entry(host, '/etc/group', name) !== undefined,
  do: host => void must(host, 'groupadd', ['--system', name]),
  undo: host => void (entry(host, '/etc/group', name) && must(host, 'groupdel', [name])),
})

function removeUser(host: Host, name: string, ...words: string[]): void {
  if (entry(host, '/etc/passwd', name)) must(host, 'userdel', [...words, name])
}

const adminGroups = (host: Host) => ['quartermaster-console', ...hostSettings(host.profile).adminGroups]

/**
 * What the login shell and `console` both start. The environment is made anew, with the few names a screen needs: nothing that whoever signs in
 * sets may load a library, a module or a pager.
 */
export const consoleProgram = `#!/bin/sh
${ours}# A real program, because sshd and login start a shell by exec.
exec /usr/bin/env -i \\
  HOME=/ PATH=/usr/sbin:/usr/bin:/sbin:/bin SHELL=${consoleShell} \\
  USER="\${USER:-admin}" TERM="\${TERM:-dumb}" LANG=C.UTF-8 \\
  \${NO_COLOR:+NO_COLOR=1} \${SSH_CONNECTION:+SSH_CONNECTION="$SSH_CONNECTION"} \\
  /opt/quartermaster/current/bin/node --disable-sigusr1 /opt/quartermaster/current/tui/console.ts "$@"
`

export const people: Deed[] = [
  group('quartermaster', 'The group quartermaster exists: who is in it may ask the helper as the server does.', {
    holdsData: true,
  }),
  group('quartermaster-console', 'The group quartermaster-console exists: who is in it may ask the helper as the operator does.'),
  {
    sentence: 'The service runs as the user quartermaster, who cannot sign in.',
    // What is kept belongs to this number.
    holdsData: true,
    isDone: host => entry(host, '/etc/passwd', 'quartermaster') !== undefined,
    do: host =>
      void must(host, 'useradd', [
        ...['--system', '--gid', 'quartermaster', '--home-dir', '/var/lib/quartermaster', '--no-create-home'],
        ...['--shell', '/usr/sbin/nologin', '--comment', 'Quartermaster', 'quartermaster'],
      ]),
    undo: host => removeUser(host, 'quartermaster'),
  },
  file('The console is a program on the path.', consoleShell, consoleProgram, { mode: 0o755 }),
  file(
    'In the Standard profile `console` starts it from a shell.',
    '/usr/local/bin/console',
    `#!/bin/sh\n${ours}exec ${consoleShell} "$@"\n`,
    {
      profiles: ['standard'],
      mode: 0o755,
    },
  ),
  {
    sentence: 'The console is a login shell.',
    isDone: host => (read(host, '/etc/shells') ?? '').split('\n').includes(consoleShell),
    do: host => put(host, '/etc/shells', `${read(host, '/etc/shells') ?? ''}${consoleShell}\n`, 'root:root', 0o644),
    undo(host) {
      const lines = (read(host, '/etc/shells') ?? '').split('\n')
      if (lines.includes(consoleShell)) put(host, '/etc/shells', lines.filter(line => line !== consoleShell).join('\n'), 'root:root', 0o644)
    },
  },
  {
    sentence: "The operator's user admin exists, and has no password until the first start asks for one.",
    isDone: host => entry(host, '/etc/passwd', 'admin') !== undefined,
    do: host => void must(host, 'useradd', ['--create-home', '--user-group', '--comment', 'Operator of Quartermaster', 'admin']),
    undo: host => removeUser(host, 'admin', '--remove'),
  },
  {
    sentence: 'admin has the shell and the groups of the profile.',
    isDone: host =>
      entry(host, '/etc/passwd', 'admin')?.[6] === hostSettings(host.profile).adminShell &&
      adminGroups(host).every(group => isMember(host, 'admin', group)),
    do: host =>
      void must(host, 'usermod', ['--shell', hostSettings(host.profile).adminShell, '--groups', adminGroups(host).join(','), 'admin']),
  },
]
