import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { putFile } from '../../src/files.ts'
import type { Pair } from '../ha/pair.ts'
import { postgresProgram } from './ownDatabase.ts'
import { connectionTo, replicator, rewinder } from './pairSettings.ts'
import type { DatabasePlace } from './place.ts'

const hour = 3_600_000

const signal = ({ data }: DatabasePlace) => join(data, 'standby.signal')
/** Stands there while a rewind is under way: what was cut short is of no use but to be copied afresh. */
const halfRewound = ({ data }: DatabasePlace) => `${data}.rewinding`

/** How this stopped database may come to follow, the cheapest way first. */
export function waysToFollow(place: DatabasePlace): ('as it is' | 'rewound' | 'copied afresh')[] {
  if (!existsSync(join(place.data, 'PG_VERSION')) || existsSync(halfRewound(place))) return ['copied afresh']
  // What was a standby has written nothing of its own.
  return existsSync(signal(place)) ? ['as it is', 'rewound', 'copied afresh'] : ['rewound', 'copied afresh']
}

/** What makes a database that starts a standby. */
export const markStandby = (place: DatabasePlace): void => putFile(signal(place), '')

/** What makes it a primary again: the mark goes. */
export const unmarkStandby = (place: DatabasePlace): void => rmSync(signal(place), { force: true })

/**
 * Takes back what this stopped database wrote after the other one was promoted; after a crash `pg_rewind` plays the log to its end itself. The peer
 * has to have made a checkpoint since, else it says "no rewind required" and is wrong. Throws where it cannot be done.
 */
export async function rewind(place: DatabasePlace, pair: Pair): Promise<void> {
  const source = connectionTo(pair, place, rewinder, 'dbname=postgres')
  const settings = join(place.settings, 'postgresql.conf')
  const args = [`--target-pgdata=${place.data}`, `--source-server=${source}`, `--config-file=${settings}`]
  // To play the log to its end it starts the database as one that stands alone.
  unmarkStandby(place)
  putFile(halfRewound(place), '')
  await postgresProgram(place, 'pg_rewind', args, { timeout: hour })
  rmSync(halfRewound(place))
}

/** Copies the peer's database afresh, beside the former one, which goes only when the copy is whole. `tell` is given lines of progress. */
export async function copyAfresh(place: DatabasePlace, pair: Pair, tell: (line: string) => void = () => {}): Promise<void> {
  const draft = `${place.data}.new`
  const former = `${place.data}.former`
  rmSync(draft, { recursive: true, force: true })
  const args = ['-D', draft, '-d', connectionTo(pair, place, replicator, ''), '-X', 'stream', '-c', 'fast', '-P', '--no-slot']
  await postgresProgram(place, 'pg_basebackup', args, { timeout: 24 * hour, onLine: tell })
  rmSync(former, { recursive: true, force: true })
  if (existsSync(place.data)) renameSync(place.data, former)
  renameSync(draft, place.data)
  rmSync(halfRewound(place), { force: true })
  rmSync(former, { recursive: true, force: true })
}
