import { join } from 'node:path'
import type { CloudReady } from '../../../src/lab/cloud/openCloud.ts'
import { openStorage } from '../../../src/storage/db.ts'
import { copyDatabase, dropCopy } from '../databaseCopy.ts'
import { settingsFor } from '../generate/ensureDataSet.ts'
import { spreadOf } from '../pairs.ts'
import type { Place } from '../place.ts'
import { familySeconds } from '../processorTime.ts'
import { type Beside, startBeside } from '../programs.ts'
import type { Taken } from '../synchronizer.ts'
import type { Figure, Work } from './work.ts'

type Run = Taken & { database: number; cloud: number }

/**
 * Full synchronizations of the first account, and standard ones with one in a hundred product instances changed before each, over the network
 * with the laboratory's cloud in a process of its own, on a copy of the data set. The cloud's part of the time is the laboratory's and told apart.
 */
export const synchronization: Work = {
  name: 'synchronization',
  sizes: ['4k', '300k'],
  async measure(place, { pairs }) {
    const connection = await copyDatabase(place.connection)
    const cloud = await startBeside<CloudReady>('src/lab/cloud/main.ts', ['--data', join(place.scratch, 'cloud'), '--port', '0'])
    const { name } = place.dataSet.accounts[0]!
    const { url, cloudRoot, licensingRoot, clientId, clientSecret } = cloud.ready
    try {
      const server = await startBeside<object>('test/bench/synchronizer.ts', [name, clientId, clientSecret], {
        ...settingsFor(place.folder),
        DATABASE_URL: connection,
        QUARTERMASTER_CLOUD_URL: url,
        QUARTERMASTER_CLOUD_CA: cloudRoot,
        QUARTERMASTER_LICENSING_ROOT: licensingRoot,
      })
      try {
        const storage = openStorage(connection)
        const exchange = (kind: 'standard' | 'full') => runOne(place, { server, cloud }, kind)
        const [standard, full]: [Run[], Run[]] = [[], []]
        for (let turn = 0; turn < Math.min(pairs, 3); turn++) {
          full.push(await exchange('full'))
          await changeOneInAHundred(storage, turn)
          standard.push(await exchange('standard'))
        }
        await storage.close()
        return [figure('full', full, '≤ 60 s, ≤ 300 MB'), figure('standard, 1 % changed', standard, '≤ 10 s, ≤ 300 MB')]
      } finally {
        await server.stop()
      }
    } finally {
      await cloud.stop()
      await dropCopy(place.connection)
    }
  },
}

/** Another hundredth each turn, so that each is changed. */
const changeOneInAHundred = ({ db }: ReturnType<typeof openStorage>, turn: number) =>
  db.raw(
    `update product_instances p set hostname = 'renamed-' || left(p.id::text, 8)
     from (select local_account_id, id, row_number() over (order by id) as number from product_instances) n
     where p.local_account_id = n.local_account_id and p.id = n.id and n.number % 100 = ?`,
    [turn],
  )

async function runOne({ postmaster }: Place, { server, cloud }: Record<'server' | 'cloud', Beside<object>>, kind: string): Promise<Run> {
  const before = { database: familySeconds(postmaster), cloud: familySeconds(cloud.pid) }
  const taken = (await server.ask(kind)) as Taken | { failed: string }
  if ('failed' in taken) throw new Error(taken.failed)
  return { ...taken, database: familySeconds(postmaster) - before.database, cloud: familySeconds(cloud.pid) - before.cloud }
}

function figure(kind: string, runs: Run[], goal: string): Figure {
  const median = (pick: (run: Run) => number) => spreadOf(runs.map(pick)).median.toFixed(1)
  return {
    name: `synchronization, ${kind}`,
    unit: 's',
    work: spreadOf(runs.map(run => run.seconds)),
    yardstick: undefined,
    ratio: undefined,
    goal,
    facts: {
      'to reach': goal,
      's of server CPU': median(run => run.processor),
      's of database CPU': median(run => run.database),
      's of cloud CPU (laboratory)': median(run => run.cloud),
      'MB of server memory at most': Math.round(spreadOf(runs.map(run => run.megabytes)).most),
      'product instances told of': runs.at(-1)!.told,
      'MB of request': (runs.at(-1)!.bytes / 1e6).toFixed(2),
    },
  }
}
