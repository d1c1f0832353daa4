import { spawnSync } from 'node:child_process'

export const names = ['a', 'b', 'c'] as const
/** The two nodes, and whoever comes as a client. */
export type Place = (typeof names)[number]

/** Runs a program and gives what it said; throws where it fails, unless it may. */
export function must(program: string, args: readonly string[], mayFail = false): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  if (status !== 0 && !mayFail) throw new Error(`${program} ${args.join(' ')}: ${stderr || stdout}`)
  return stdout
}

/** Two nodes and a client on one switch that is their gateway, each in a network namespace of its own. IPv4 and IPv6. */
export type Network = {
  namespace(place: Place): string
  address(place: Place): string
  virtualAddress: string
  gateway: string
  /** The cable of a place: pulled, or in its socket. */
  cable(place: Place, isIn: boolean): void
  /** The port of a place, cut off from every other while its carrier stays. */
  port(place: Place, isOpen: boolean): void
  /** Whether a and b hear each other; both hear everybody else: the fault of a private VLAN. */
  between(mayHear: boolean): void
  processes(place: Place): number[]
  remove(): void
}

/** Makes the network under names that begin with `prefix`, which has at most five letters. */
export function makeNetwork(prefix: string): Network {
  const namespace = (place: string) => `${prefix}${place}`
  const ip = (...args: string[]) => must('ip', args)
  const inside = (name: string, ...args: string[]) => ip('-n', namespace(name), ...args)
  const address = (place: Place) => `10.77.0.${11 + names.indexOf(place)}`
  for (const name of ['s', ...names]) {
    ip('netns', 'add', namespace(name))
    inside(name, 'link', 'set', 'lo', 'up')
  }
  inside('s', 'link', 'add', 'br0', 'type', 'bridge', 'forward_delay', '0', 'stp_state', '0')
  inside('s', 'link', 'set', 'br0', 'up')
  inside('s', 'addr', 'add', '10.77.0.1/24', 'dev', 'br0')
  for (const place of names) {
    inside('s', 'link', 'add', `v${place}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace(place))
    inside('s', 'link', 'set', `v${place}`, 'master', 'br0', 'up')
    inside(place, 'addr', 'add', `${address(place)}/24`, 'dev', 'eth0')
    inside(place, 'link', 'set', 'eth0', 'up')
    inside(place, 'route', 'add', 'default', 'via', '10.77.0.1')
  }
  const processes = (place: string) =>
    must('ip', ['netns', 'pids', namespace(place)], true)
      .split('\n')
      .filter(Boolean)
      .map(Number)
  return {
    namespace,
    address,
    virtualAddress: '10.77.0.100',
    gateway: '10.77.0.1',
    cable(place, isIn) {
      inside('s', 'link', 'set', `v${place}`, isIn ? 'up' : 'down')
      // The addresses stay, the routes went with the carrier.
      if (isIn) must('ip', ['-n', namespace(place), 'route', 'replace', 'default', 'via', '10.77.0.1'], true)
    },
    port: (place, isOpen) => void inside('s', 'link', 'set', `v${place}`, ...(isOpen ? ['master', 'br0'] : ['nomaster'])),
    between: mayHear => {
      for (const place of ['a', 'b'])
        must('bridge', ['-n', namespace('s'), 'link', 'set', 'dev', `v${place}`, 'isolated', mayHear ? 'off' : 'on'])
    },
    processes,
    remove() {
      for (const name of ['s', ...names]) {
        for (const pid of processes(name)) kill(pid)
        must('ip', ['netns', 'del', namespace(name)], true)
      }
    },
  }
}

/** Ends a process that may be gone already. */
export function kill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It went by itself.
  }
}
