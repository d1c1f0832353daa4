import { spawnSync } from 'node:child_process'
import { linkOf, type Said, type Socket } from '../debianMachine.ts'
import { must } from './network.ts'

const places = ['a', 'b', 'c'] as const
type Place = (typeof places)[number]

/** A switch that is the gateway of two machines of systemd-nspawn, and a client beside them. */
export type PairNetwork = {
  address(place: Place): string
  virtualAddress: string
  gateway: string
  socket(name: 'a' | 'b'): Socket
  /** Runs a program of the client. */
  beside(program: string, ...args: string[]): Said
  remove(): void
}

/** Makes it under names that begin with `prefix`. A machine's cable is made anew each time that it is started. */
export function makePairNetwork(prefix: string): PairNetwork {
  const [hub, client] = [`${prefix}s`, `${prefix}c`]
  const ip = (...args: string[]) => must('ip', args)
  const address = (place: Place) => `10.77.8.${11 + places.indexOf(place)}`
  for (const name of [hub, client]) {
    must('ip', ['netns', 'delete', name], true)
    ip('netns', 'add', name)
    ip('-n', name, 'link', 'set', 'lo', 'up')
  }
  // Whoever asks for the world beyond is told at once that there is none.
  ip('netns', 'exec', hub, 'sysctl', '-qw', 'net.ipv4.ip_forward=1')
  ip('-n', hub, 'link', 'add', 'br0', 'type', 'bridge', 'forward_delay', '0', 'stp_state', '0')
  ip('-n', hub, 'addr', 'add', '10.77.8.1/24', 'dev', 'br0')
  ip('-n', hub, 'link', 'set', 'br0', 'up')
  const plugIn = (inside: string, link: string, port: string, own: string) => {
    must('ip', ['-n', hub, 'link', 'delete', port], true)
    ip('-n', hub, 'link', 'add', port, 'type', 'veth', 'peer', 'name', link, 'netns', inside)
    ip('-n', hub, 'link', 'set', port, 'master', 'br0', 'up')
    ip('-n', inside, 'addr', 'add', `${own}/24`, 'dev', link)
    ip('-n', inside, 'link', 'set', link, 'up')
    ip('-n', inside, 'link', 'set', 'lo', 'up')
  }
  plugIn(client, 'eth0', 'vc', address('c'))
  return {
    address,
    virtualAddress: '10.77.8.100',
    gateway: '10.77.8.1',
    socket: name => ({
      address: address(name),
      outside: client,
      join(inside) {
        must('ip', ['netns', 'delete', inside], true)
        ip('netns', 'add', inside)
        plugIn(inside, linkOf('pair'), `v${name}`, address(name))
        must('ip', ['-n', inside, 'route', 'add', 'default', 'via', '10.77.8.1'], true)
      },
    }),
    beside(program, ...args) {
      const { status, stdout, stderr } = spawnSync('ip', ['netns', 'exec', client, program, ...args], {
        encoding: 'utf8',
        timeout: 120_000,
      })
      return { code: status ?? 1, out: `${stdout}${stderr}` }
    },
    remove() {
      for (const name of [hub, client]) must('ip', ['netns', 'delete', name], true)
    },
  }
}
