import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { loadBackup, openBackup } from '../../../src/administration/backup/openBackup.ts'
import { takeBackup } from '../../../src/administration/backup/takeBackup.ts'
import { databaseOf, onDatabase } from '../../../src/storage/backup/address.ts'
import { withDatabases } from '../../../src/storage/backup/databases.ts'
import { findProgram, startProgram } from '../../../src/storage/backup/programs.ts'
import { administrator } from '../../support/account.ts'
import { inPairs, ratios, spreadOf } from '../pairs.ts'
import type { Place } from '../place.ts'
import type { Figure, Work } from './work.ts'

const passphrase = 'a passphrase of the benchmark'
const secondsOf = async (work: () => Promise<unknown>) => {
  const before = performance.now()
  await work()
  return (performance.now() - before) / 1000
}

/** A backup against pg_dump -Fc alone, and loading it (authenticated, migrated, counted, its keys opened) against pg_restore alone. */
export const backup: Work = {
  name: 'backup',
  async measure(place, { pairs }) {
    const { connection } = place
    const [dump, load] = (['pg_dump', 'pg_restore'] as const).map(name => findProgram(name, 15)) as [string, string]
    const archive = join(place.scratch, 'archive')
    const folder = join(place.scratch, 'backups')
    mkdirSync(folder)
    const context = { ...place.context, config: { ...place.context.config, backupsFolder: folder } }
    const run = (program: string, args: string[], on = connection) => startProgram(program, args, on).ended
    let taken = { path: '', bytes: 0 }
    const taking = await inPairs(
      pairs,
      () => secondsOf(() => run(dump, ['--format=custom', `--file=${archive}`])),
      () =>
        secondsOf(async () => {
          rmSync(taken.path, { force: true })
          taken = await takeBackup(context, administrator, { passphrase })
        }),
    )
    const opened = await openBackup(taken.path, passphrase)
    const loading = await inPairs(
      pairs,
      () => inScratch(place, on => run(load, ['--no-owner', '--exit-on-error', `--dbname=${databaseOf(on)}`, archive], on)),
      () => inScratch(place, on => loadBackup(on, opened, () => {})),
    )
    return [
      figureOf('backup: taken', 'pg_dump -Fc', taking, { 'MB of the file': Number((taken.bytes / 1e6).toFixed(1)) }),
      figureOf('backup: restored and checked', 'pg_restore', loading, {}),
    ]
  },
}

/** Seconds of `work` in an empty database, which is gone afterwards. */
const inScratch = ({ connection }: Place, work: (on: string) => Promise<unknown>): Promise<number> =>
  withDatabases(connection, async databases => {
    const name = `bench_${randomBytes(6).toString('hex')}`
    await databases.create(name)
    try {
      return await secondsOf(() => work(onDatabase(connection, name)))
    } finally {
      await databases.drop(name)
    }
  })

const figureOf = (name: string, yardstick: string, runs: { yardstick: number[]; work: number[] }, facts: Figure['facts']): Figure => ({
  name,
  unit: 's',
  work: spreadOf(runs.work),
  yardstick: spreadOf(runs.yardstick),
  ratio: ratios(runs.work, runs.yardstick),
  goal: `≤ 1.5 × ${yardstick}`,
  facts,
})
