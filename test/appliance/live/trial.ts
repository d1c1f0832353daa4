import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Profile } from '../../../appliance/actions/action.ts'
import type { DebianMachine } from '../../support/debianMachine.ts'
import type { FileHost } from '../../support/fileHost.ts'
import { type Answer, type Operator, openOperator, patience } from '../../support/operator.ts'
import { until } from '../../support/until.ts'
import type { Roots } from './makeMachine.ts'

/** What the parts of the trial share: the machine, who signs in to it, and where what was seen is kept. */
export type Trial = {
  profile: Profile
  machine: DebianMachine
  fileHost: FileHost
  /** The console's password, as it is at the moment. */
  password: string
  /** Releases by version. */
  releases: Record<string, string>
  /** What machines of this kind are made of, and where another one has room. */
  roots: Roots
  place: string
  /** A folder for screens. */
  screens: string
  say(words: string): void
}

/** Signs in as the operator and stands before the console: at once in the STIG profile, from a shell in the Standard one. */
export async function atTheConsole({ profile, machine, password, screens }: Trial, part: string, term?: string): Promise<Operator> {
  const operator = await openOperator(machine, { password }, join(screens, part), [], term)
  if (profile === 'stig') {
    await operator.shows('authorised use only', patience)
    operator.keep('consent')
    operator.press('Enter')
  } else {
    await operator.shows(/\$ *$/m, patience)
    operator.type('console')
    operator.press('Enter')
  }
  await operator.shows(/[►>] Overview/, patience)
  operator.keep('first screen')
  return operator
}

/** What the server says of itself to another host. */
export function readiness({ machine }: Pick<Trial, 'machine'>): { status: string; release: string } | undefined {
  const { out } = machine.beside('curl', '-sk', '--max-time', '20', `https://${machine.address}:8443/health/ready`)
  return out.startsWith('{') ? JSON.parse(out) : undefined
}

export const untilReady = (trial: Pick<Trial, 'machine'>) => until(() => readiness(trial)?.status === 'SUCCESS', 180_000)

/** The laboratory's product, which stands on the machine and comes to the server through port 443. */
export const product = ({ machine }: Pick<Trial, 'machine'>, ...words: string[]): string =>
  machine.must(
    '/opt/quartermaster/current/bin/node',
    '/opt/quartermaster/current/src/lab/product/main.ts',
    ...words,
    '--state',
    '/var/lib/quartermaster-laboratory/product',
  )

/** What a machine that was never seen asks an operator who copies from or to it: its fingerprint, then the password there. */
export const identified = ({ fingerprint, password }: FileHost): Answer[] => [
  { to: /is not known yet/, say: fingerprint },
  { to: /Permission denied/, say: password },
]

/** The processes of consoles that somebody has signed in to. */
export function consoles({ machine }: Pick<Trial, 'machine'>): { pid: string; environment: string }[] {
  const { out } = machine.run('pgrep', '-f', '/opt/quartermaster/current/tui/console.ts')
  return out
    .split('\n')
    .filter(Boolean)
    .map(pid => ({ pid, environment: machine.run('cat', `/proc/${pid}/environ`).out }))
    .filter(({ environment }) => environment.includes('SSH_CONNECTION'))
}

/** Keeps a table of what was tried, and what each got, as a document has it. */
export function keepTable(screens: string, name: string, rows: [string, string][]): void {
  const lines = rows.map(row => `| ${row.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`)
  writeFileSync(join(screens, name), ['| attempt | what it got |', '|---|---|', ...lines, ''].join('\n'))
}
