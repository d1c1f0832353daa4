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

export type Family = 4 | 6
/** The gateway, the virtual address, and where the places begin, by family. */
const plan = {
  4: { gateway: '10.77.0.1', virtual: '10.77.0.100', prefix: 24, place: (index: number) => `10.77.0.${11 + index}` },
  6: { gateway: 'fd77::1', virtual: 'fd77::100', prefix: 64, place: (index: number) => `fd77::${11 + index}` },
} as const

/** Two nodes and a client on one switch that is their gateway, each in a network namespace of its own. VRRP speaks `family`; both are there. */
export type Network = {
  namespace(place: Place): string
  address(place: Place): string
  /** With their prefixes; that of `family` first. */
  virtualAddresses: string[]
  gateway: string
  /** The cable of a place: pulled, or in its socket. */
  cable(place: Place, isIn: boolean): void
  /** The port of a place, cut off from every other while its carrier stays. */
  port(place: Place, isOpen: boolean): void
  /** Whether a and b hear each other; both hear everybody else: the fault of a private VLAN. */
  between(mayHear: boolean): void
  /** Whether the gateway is there; the switch goes on. */
  gatewayAnswers(isThere: boolean): void
  /** Whether a stranger on the switch answers for the virtual address. */
  stranger(isThere: boolean): void
  /** Takes the virtual addresses from a place, as whatever stops keepalived does. */
  dropVirtual(place: Place): void
  processes(place: Place): number[]
  remove(): void
}

/** Makes the network under names that begin with `prefix`, which has at most five letters. */
export function makeNetwork(prefix: string, family: Family = 4): Network {
  const namespace = (place: string) => `${prefix}${place}`
  const ip = (...args: string[]) => must('ip', args)
  const inside = (name: string, ...args: string[]) => ip('-n', namespace(name), ...args)
  const families = family === 4 ? ([4, 6] as const) : ([6, 4] as const)
  const virtualAddresses = families.map(each => `${plan[each].virtual}/${plan[each].prefix}`)
  // No detection of duplicates: what is made here is up at once.
  const quick = (each: Family) => (each === 6 ? ['nodad'] : [])
  const ofGateway = (act: 'add' | 'del') => {
    for (const each of families)
      must('ip', [
        '-n',
        namespace('s'),
        'addr',
        act,
        `${plan[each].gateway}/${plan[each].prefix}`,
        'dev',
        'br0',
        ...(act === 'add' ? quick(each) : []),
      ])
  }
  const routes = (place: Place) => {
    for (const each of families)
      must('ip', ['-n', namespace(place), `-${each}`, 'route', 'replace', 'default', 'via', plan[each].gateway], true)
  }
  for (const name of ['s', ...names]) {
    ip('netns', 'add', namespace(name))
    inside(name, 'link', 'set', 'lo', 'up')
  }
  inside('s', 'link', 'add', 'br0', 'type', 'bridge', 'forward_delay', '0', 'stp_state', '0')
  inside('s', 'link', 'set', 'br0', 'up')
  ofGateway('add')
  for (const place of names) {
    inside('s', 'link', 'add', `v${place}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace(place))
    inside('s', 'link', 'set', `v${place}`, 'master', 'br0', 'up')
    // IPv6 addresses stay on an interface that lost its carrier, as IPv4's do.
    must('ip', [
      'netns',
      'exec',
      namespace(place),
      'sysctl',
      '-qw',
      'net.ipv6.conf.all.keep_addr_on_down=1',
      'net.ipv6.conf.eth0.keep_addr_on_down=1',
    ])
    for (const each of families)
      inside(place, 'addr', 'add', `${plan[each].place(names.indexOf(place))}/${plan[each].prefix}`, 'dev', 'eth0', ...quick(each))
    inside(place, 'link', 'set', 'eth0', 'up')
    routes(place)
  }
  const processes = (place: string) =>
    must('ip', ['netns', 'pids', namespace(place)], true)
      .split('\n')
      .filter(Boolean)
      .map(Number)
  return {
    namespace,
    address: place => plan[family].place(names.indexOf(place)),
    virtualAddresses,
    gateway: plan[family].gateway,
    cable(place, isIn) {
      inside('s', 'link', 'set', `v${place}`, isIn ? 'up' : 'down')
      // The addresses stay, the routes went with the carrier.
      if (isIn) routes(place)
    },
    port: (place, isOpen) => void inside('s', 'link', 'set', `v${place}`, ...(isOpen ? ['master', 'br0'] : ['nomaster'])),
    between: mayHear => {
      for (const place of ['a', 'b'])
        must('bridge', ['-n', namespace('s'), 'link', 'set', 'dev', `v${place}`, 'isolated', mayHear ? 'off' : 'on'])
    },
    gatewayAnswers: isThere => ofGateway(isThere ? 'add' : 'del'),
    stranger: isThere =>
      void inside('s', 'addr', isThere ? 'add' : 'del', `${plan[family].virtual}/${family === 4 ? 32 : 128}`, 'dev', 'br0'),
    dropVirtual: place => {
      for (const each of virtualAddresses) must('ip', ['-n', namespace(place), 'addr', 'del', each, 'dev', 'eth0'], true)
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
