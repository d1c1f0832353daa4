import { minute, second } from './clock.ts'

export const nodeStates = [
  'stand-alone',
  'held',
  'active',
  'standby',
  'isolated',
  'rejoining',
  'maintenance',
  'conflict',
  'failed',
] as const
export type NodeState = (typeof nodeStates)[number]

export const fences = ['witness', 'gateway', 'strict'] as const

/** What the agent of a pair says of it at each turn. `mode`: whether the standby has everything that was acknowledged. `virtualIp`: where people and products come. */
export type PairStatus = {
  at: Date
  node: string
  peer: string
  state: NodeState
  epoch: number
  mode: 'sync' | 'alone' | null
  virtualIp: string
  sentence: string
  lagBytes: number | null
  replication: 'synchronous' | 'asynchronous' | 'none'
  fence: (typeof fences)[number]
  witness: { url: string; reachable: boolean } | null
  release: string
  peerRelease: string | null
  history: { at: Date; sentence: string }[]
}

/** The agent turns several times a second; one that has said nothing for so long is not there. */
const agentPatience = 30 * second
/** "lag < 16 MB": a standby that is further behind does not come into step. */
const largeLag = 16 * 1024 * 1024
type Severity = 'critical' | 'major' | 'minor'

/** What an administrator is to know of a pair, and what to do. `subject` tells one warning from another. */
export type PairWarning = { subject: string; severity: Severity; message: string; action: string }

export const isSilent = ({ at }: PairStatus, now: Date): boolean => now.getTime() - at.getTime() > agentPatience

/** Whether a node that dies now takes nothing with it: the standby is in step, and would take over. */
export const isRedundant = (status: PairStatus, now: Date): boolean =>
  status.state === 'active' && status.mode === 'sync' && status.replication === 'synchronous' && !isSilent(status, now)

/** Everything that is wrong with a pair, the worst first. A pair that is well has nothing. */
export function pairWarnings(status: PairStatus, now: Date): PairWarning[] {
  const { state, mode, lagBytes, witness, release, peer, peerRelease } = status
  const warnings: (PairWarning | false)[] = [
    isSilent(status, now) && {
      subject: 'agent',
      severity: 'critical',
      message: `The agent of the pair has said nothing for ${Math.floor((now.getTime() - status.at.getTime()) / minute)} minutes: no failover would happen.`,
      action: 'Type "services" at the console, and start quartermaster-ha again.',
    },
    state === 'conflict' && {
      subject: 'split',
      severity: 'critical',
      message: `Both nodes have been active at once, and ${peer} may have what this node lacks.`,
      action: 'Type "ha_status" at the console of both nodes, and look at what was set aside before it is rejoined.',
    },
    state !== 'conflict' &&
      state !== 'active' && {
        subject: 'redundancy',
        severity: 'major',
        message: `This node is ${state}, and not the active one of the pair.`,
        action: `What it waits for stands on the page High availability, and "ha_status" says it at the console of ${peer}.`,
      },
    state === 'active' &&
      !isRedundant({ ...status, at: now }, now) && {
        subject: 'redundancy',
        severity: 'major',
        message: `This node works alone${mode === 'sync' ? ', and changes wait for the standby' : ''}: ${peer} would not take over if it failed now.`,
        action: `Look after ${peer}; what the pair does about it stands on the page High availability.`,
      },
    lagBytes !== null &&
      lagBytes > largeLag && {
        subject: 'lag',
        severity: 'minor',
        message: `${peer} is ${Math.round(lagBytes / 1024 / 1024)} MB behind.`,
        action: 'It catches up by itself unless the line between the nodes, or its disk, is too slow.',
      },
    witness?.reachable === false && {
      subject: 'witness',
      severity: 'minor',
      message: `The witness at ${witness.url} cannot be reached: without it no node takes over from the other.`,
      action: 'Start the witness again, or mend the way to it.',
    },
    peerRelease !== null &&
      peerRelease !== release && {
        subject: 'releases',
        severity: 'minor',
        message: `This node has release ${release}, and ${peer} has ${peerRelease}.`,
        action: 'Finish the upgrade of the pair: both nodes are to have the same release.',
      },
  ]
  return warnings.filter(warning => warning !== false)
}

/** What the database's list of connections calls a server that is loaded and waits until it may write: the pair's agent looks for it there. */
export const waitingServer = 'quartermaster waits'
