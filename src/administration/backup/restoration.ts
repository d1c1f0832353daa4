import { existsSync, linkSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { Config } from '../../config.ts'
import { putFile, syncFolder } from '../../files.ts'
import { type Databases, withDatabases } from '../../storage/backup/databases.ts'

/** A file that changes with the database: what comes in its place, and where the former one is kept. */
const exchange = z.object({ place: z.string(), incoming: z.string(), outgoing: z.string() })

const restoration = z.object({
  /** `restoring`: on the way in; `kept`: it stands, and what was there before is kept; `undoing`: on the way back. */
  phase: z.enum(['restoring', 'kept', 'undoing']),
  backup: z.string(),
  startedAt: z.string(),
  /** Databases. */
  incoming: z.string(),
  outgoing: z.string(),
  files: z.array(exchange),
})

/**
 * What a restore is at, in a file of the data folder. Database and files cannot change in one moment, so one of them decides: the transaction
 * that renames the databases. Before it all is as it was, after it all is new, and whoever comes next (the server's start, or the next command)
 * brings the files to where the database is. So a kill at any moment leaves the old server or the new one.
 */
export type Restoration = z.infer<typeof restoration>

const journalOf = ({ dataFolder }: Pick<Config, 'dataFolder'>) => join(dataFolder, 'restoration.json')

export function readRestoration(config: Pick<Config, 'dataFolder'>): Restoration | undefined {
  const file = journalOf(config)
  return existsSync(file) ? restoration.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined
}

export const writeRestoration = (config: Pick<Config, 'dataFolder'>, values: Restoration): void =>
  putFile(journalOf(config), `${JSON.stringify(values, null, 2)}\n`)

function removeRestoration(config: Pick<Config, 'dataFolder'>): void {
  rmSync(journalOf(config), { force: true })
  syncFolder(config.dataFolder)
}

/** Puts the files in the place of the former ones, which are kept. Safe to do again after a kill at any of its steps. */
function exchangeFiles({ files }: Restoration): void {
  for (const { place, incoming, outgoing } of files) {
    if (!existsSync(incoming)) continue
    if (existsSync(place) && !existsSync(outgoing)) linkSync(place, outgoing)
    renameSync(incoming, place)
    // Two names of one file stay as they are when one is renamed to the other.
    rmSync(incoming, { force: true })
    syncFolder(dirname(place))
  }
}

/** After the moment that decides: the files follow, and what was there before is kept. */
export function keep(config: Pick<Config, 'dataFolder'>, plan: Restoration): void {
  exchangeFiles(plan)
  writeRestoration(config, { ...plan, phase: 'kept' })
}

const remove = (files: string[]) => {
  for (const file of files) rmSync(file, { force: true })
}

/** Takes away what was on its way in. */
export async function abandon(config: Pick<Config, 'dataFolder'>, databases: Databases, plan: Restoration): Promise<void> {
  await databases.drop(plan.incoming)
  remove(plan.files.map(({ incoming }) => incoming))
  removeRestoration(config)
}

/** Takes away what was there before. */
export async function forgetFormer(config: Pick<Config, 'dataFolder'>, databases: Databases, plan: Restoration): Promise<void> {
  await databases.drop(plan.outgoing)
  remove(plan.files.map(({ outgoing }) => outgoing))
  removeRestoration(config)
}

/** The same way back: what was put aside comes in, what was restored goes out. */
const reversed = (plan: Restoration): Restoration => ({
  ...plan,
  phase: 'undoing',
  incoming: plan.outgoing,
  outgoing: plan.incoming,
  files: plan.files.map(({ place, incoming, outgoing }) => ({ place, incoming: outgoing, outgoing: incoming })),
})

/** Brings back what was put aside, and drops what was restored. */
export async function goBack(config: Pick<Config, 'dataFolder'>, databases: Databases, plan: Restoration): Promise<void> {
  const back = reversed(plan)
  writeRestoration(config, back)
  await databases.swap(back.incoming, back.outgoing)
  exchangeFiles(back)
  await forgetFormer(config, databases, back)
}

/** Finishes, forward or back, what a killed restore or undoing has left, while nobody else works on the databases. */
export async function finishRestorationIn(config: Pick<Config, 'dataFolder'>, databases: Databases): Promise<void> {
  const plan = readRestoration(config)
  if (!plan || plan.phase === 'kept') return
  if (plan.phase === 'restoring') {
    if (!(await databases.exists(plan.outgoing))) return abandon(config, databases, plan)
    keep(config, plan)
  } else {
    // What comes back was there from the beginning, so that it is gone only when it has come. What goes out may have been dropped already.
    if (await databases.exists(plan.incoming)) return keep(config, reversed(plan))
    exchangeFiles(plan)
    await forgetFormer(config, databases, plan)
  }
}

/** A server that starts waits so long (ms) for the database to notice that a restore was killed. */
const patience = 20_000

/** The same for a server that starts. Refuses while the restore is still at work. */
export async function finishRestoration(config: Pick<Config, 'dataFolder'>, connection: string): Promise<void> {
  const plan = readRestoration(config)
  if (plan && plan.phase !== 'kept') await withDatabases(connection, databases => finishRestorationIn(config, databases), patience)
}
