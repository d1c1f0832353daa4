import { sshWords } from './operator.ts'

/**
 * One way out of a console that somebody may think of: the words of a program on another host, and what it types. `at`: the account; `got`: what it
 * says where it got through.
 */
export type WayOut = { name: string; words(at: string, key: string): string[]; input?: string; got?: RegExp }

const ssh =
  (before: string[], after: string[] = []) =>
  (at: string, key: string) => ['ssh', ...sshWords({ key }), ...before, at, ...after]
const copied =
  (program: 'scp' | 'sftp', ...before: string[]) =>
  (at: string, key: string) => {
    const what = program === 'scp' ? ['/etc/hostname', `${at}:/tmp/quartermaster-copied`] : [at]
    return [program, ...sshWords({ key }), ...before, ...what]
  }

/** Starts ssh with a forwarding beside a program that tries to come through it, and ends it again. */
const through = (forwarding: string[], tries: string) => (at: string, key: string) => [
  ...['bash', '-c', `"$@" & ssh=$!; for try in $(seq 100); do ${tries} && break; kill -0 $ssh 2>/dev/null || break; done; kill $ssh; wait`],
  ...['bash', 'ssh', ...sshWords({ key }), '-N', ...forwarding, at],
]
const greeting = /SSH-2\.0/

/** What is asked of SSH beside the console itself. None of them may bring a shell, a file or a connection. */
export const waysOut: WayOut[] = [
  { name: 'ssh host id', words: ssh([], ['id']) },
  { name: 'ssh -t host bash', words: ssh(['-tt'], ['bash']), input: 'id\n' },
  { name: 'ssh -t host /bin/sh -c id', words: ssh(['-tt'], ['/bin/sh -c id']) },
  { name: 'ssh host "status; id"', words: ssh([], ['status; id']) },
  { name: 'ssh host "$(id)"', words: ssh([], ['$(id)']) },
  { name: 'ssh host -- --linear', words: ssh([], ['--', '--linear']), input: '!sh\nid\n' },
  { name: 'ssh host < a script', words: ssh(['-T']), input: '!sh\nid\n/bin/sh\n' },
  { name: 'ssh -s host sftp', words: ssh(['-s'], ['sftp']) },
  { name: 'sftp', words: copied('sftp', '-b', '/dev/null') },
  { name: 'scp', words: copied('scp') },
  { name: 'scp -O', words: copied('scp', '-O') },
  { name: 'what rsync asks for', words: ssh([], ['rsync --server --sender -logDtpr . /etc/']), got: /root:/ },
  { name: 'what git asks for', words: ssh([], ["git-upload-pack '/etc'"]) },
  { name: 'ssh -tt host vi', words: ssh(['-tt'], ['vi']), input: ':!id\n' },
  { name: 'ssh host exec env -i bash --noprofile', words: ssh(['-tt'], ['exec env -i bash --noprofile']), input: 'id\n' },
  {
    name: '-L, and a connection through it',
    words: through(
      ['-L', '127.0.0.1:50021:127.0.0.1:22'],
      '(exec 3<>/dev/tcp/127.0.0.1/50021 && { head -c 7 <&3 || true; } && echo "closed without a byte") 2>/dev/null',
    ),
    got: greeting,
  },
  {
    name: "-L of the helper's socket, and a connection through it",
    words: through(
      ['-L', '127.0.0.1:50023:/run/quartermaster/console.sock'],
      '(exec 3<>/dev/tcp/127.0.0.1/50023 && echo \'{"action":"uptime","input":{}}\' >&3 && { head -c 9 <&3 || true; } && echo "closed without a byte") 2>/dev/null',
    ),
    got: /answer/,
  },
  {
    name: '-D, and a page through it',
    words: through(['-D', '127.0.0.1:50022'], 'curl -sS --max-time 5 --socks5 127.0.0.1:50022 http://127.0.0.1:80/; [ $? -ne 7 ]'),
    got: /HTTP|html/i,
  },
  { name: '-W (a connection through it)', words: ssh(['-W', '127.0.0.1:22']), got: greeting },
  { name: '-R', words: ssh(['-R', '50022:127.0.0.1:22', '-o', 'ExitOnForwardFailure=yes', '-N']) },
  { name: '-w (a tunnel)', words: ssh(['-w', '0:0', '-o', 'ExitOnForwardFailure=yes', '-N']) },
  { name: 'root@host', words: (at, key) => ssh([], ['id'])(at.replace(/^\w+@/, 'root@'), key) },
  { name: 'quartermaster@host', words: (at, key) => ssh([], ['id'])(at.replace(/^\w+@/, 'quartermaster@'), key) },
]

/** Variables that would load something, or start something, where somebody looked at them. */
export const hostileVariables = [
  'NODE_OPTIONS=--inspect=127.0.0.1:9229',
  'NODE_PATH=/tmp',
  'LD_PRELOAD=/tmp/x.so',
  'PAGER=/bin/sh',
  'EDITOR=/bin/sh',
  'SHELL=/bin/sh',
  'ENV=/tmp/x',
  'BASH_ENV=/tmp/x',
  'LC_ALL=../../tmp/x',
  'LANG=../../tmp/x',
]

/** What is typed at the console for a shell. */
export const typedForAShell = ['!sh', '; sh', '$(id)', '`id`', '--help | sh', '/bin/sh', ':!sh', 'exec sh', 'bash', 'vi']

/** What would be there if a shell had ever read what was typed at a prompt. */
export const owned = '/tmp/quartermaster-owned'
/** What is typed at each prompt for a name: paths that lead elsewhere, and signs that a shell would obey. */
export const hostileNames = [
  '../../../../etc/shadow',
  '/etc/shadow',
  'backups:../../../../etc/shadow',
  'patches:../releases/current',
  `patches:$(touch ${owned})`,
  `; touch ${owned}`,
  `$(touch ${owned})`,
  `\`touch ${owned}\``,
  `x | sh -c 'touch ${owned}'`,
  `-oProxyCommand=touch ${owned}`,
  `root@127.0.0.1:/etc/shadow;touch ${owned}`,
  'file:///etc/shadow',
]

/** What an attempt must not bring: the answer of `id`, or a prompt of a shell. */
export const isShell = (text: string): boolean => /uid=\d+|^[\w@:~-]*[$#] $/m.test(text)
