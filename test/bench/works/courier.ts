import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createApiClient } from '../../../src/administration/createApiClient.ts'
import { turnSwitch } from '../../../src/administration/turnSwitch.ts'
import { readConfig } from '../../../src/config.ts'
import type { CloudReady } from '../../../src/lab/cloud/openCloud.ts'
import { openShelves } from '../../../src/server/shelves.ts'
import { findLocalAccountByName, updateLocalAccount } from '../../../src/storage/localAccounts.ts'
import { registerLocalAccount } from '../../../src/synchronization/registerLocalAccount.ts'
import { administrator } from '../../support/account.ts'
import { ask } from '../../support/http.ts'
import { courier as carry } from '../../support/upstream.ts'
import { copyDatabase, dropCopy } from '../databaseCopy.ts'
import { settingsFor } from '../generate/ensureDataSet.ts'
import { spreadOf } from '../pairs.ts'
import { freePorts, type Place, type Ports } from '../place.ts'
import { watchMemory } from '../processorTime.ts'
import { type Beside, startBeside } from '../programs.ts'
import type { Figure, Work } from './work.ts'

/** So many product instances in one file; of a data set that has fewer, all that it has. */
const sizes = [25_000, Number.POSITIVE_INFINITY]
const goal = '≤ 120 s, ≤ 300 MB'

type Steps = { told: number; requestBytes: number; responseBytes: number; prepare: number; cloud: number; apply: number }
/** The doors that the file goes through: of the server, by its API, and of the cloud. */
type Doors = { server: Beside<Ports>; cloud: Beside<CloudReady>; token: string; path: string; root: string }

/**
 * A full synchronization of the first account in one courier's file, through the doors that a courier uses: the server's API writes the request,
 * the cloud's file exchange answers it, the API takes the answer. On a copy of the data set, by a server and a cloud in processes of their own.
 */
export const courier: Work = {
  name: 'courier',
  sizes: ['4k', '300k'],
  async measure(place) {
    const connection = await copyDatabase(place.connection)
    const cloud = await startBeside<CloudReady>('src/lab/cloud/main.ts', ['--data', join(place.scratch, 'courier-cloud'), '--port', '0'])
    try {
      const settings = {
        ...settingsFor(place.folder),
        DATABASE_URL: connection,
        QUARTERMASTER_CLOUD_URL: cloud.ready.url,
        QUARTERMASTER_CLOUD_CA: cloud.ready.cloudRoot,
        QUARTERMASTER_LICENSING_ROOT: cloud.ready.licensingRoot,
      }
      const { context, close } = await openShelves(readConfig(settings))
      try {
        const server = await startBeside<Ports>('src/server.ts', [], { ...settings, ...freePorts })
        try {
          const doors = await openDoors(place, context, server, cloud)
          const figures: Figure[] = []
          for (const size of sizes) {
            await leaveOnly(context, place.dataSet.accounts[0]!.id, size)
            const memory = watchMemory({ server, postmaster: place.postmaster })
            const steps = await exchange(doors)
            figures.push(figureOf(steps, memory().serverMegabytes))
          }
          return figures
        } finally {
          await server.stop()
        }
      } finally {
        await close()
      }
    } finally {
      await cloud.stop()
      await dropCopy(place.connection)
    }
  },
}

type Shelves = Awaited<ReturnType<typeof openShelves>>['context']

async function openDoors(place: Place, context: Shelves, server: Doors['server'], cloud: Doors['cloud']): Promise<Doors> {
  const { name } = place.dataSet.accounts[0]!
  const { db } = context.storage
  const account = (await findLocalAccountByName(db, name))!
  await updateLocalAccount(db, account.id, {
    state: 'approved',
    virtualAccount: { id: null, name },
    smartAccount: { id: null, name: 'Example Corp' },
  })
  const { clientId, clientSecret } = cloud.ready
  const credentials = { clientId, clientSecret }
  await registerLocalAccount(context, administrator, { name, smartAccount: 'Example Corp', virtualAccount: name, credentials })
  await turnSwitch(context, administrator, 'api', true)
  const client = await createApiClient(context, administrator, { name: 'courier' })
  const root = readFileSync(join(place.folder, 'tls/browser-root.pem'), 'utf8')
  const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: client.clientId, client_secret: client.clientSecret })
  const answer = await ask(`https://localhost:${server.ready.https}/oauth/token`, {
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
    ca: root,
  })
  assert.equal(answer.status, 200, answer.body)
  return { server, cloud, root, token: JSON.parse(answer.body).access_token, path: `/api/v1/accounts/${account.uuid}/synchronization` }
}

/** Of the account's instances only the first are told of: the others are put where the cloud does not hear of them. */
async function leaveOnly({ storage }: Shelves, localAccountId: number, size: number): Promise<void> {
  const limit = Number.isFinite(size) ? size : 2 ** 31
  // In a transaction, because what it takes is the update and not the commit.
  await storage.transaction(tx =>
    tx.raw(
      `update product_instances p set state = case when n.number <= :limit then 'REGISTERED' else 'EXPIRED' end
       from (select id, row_number() over (order by id) as number from product_instances where local_account_id = :localAccountId) n
       where p.local_account_id = :localAccountId and p.id = n.id and p.state in ('REGISTERED', 'EXPIRED')`,
      { limit, localAccountId },
    ),
  )
}

async function exchange({ server, cloud, token, path, root }: Doors): Promise<Steps> {
  const call = async (what: string, body: string) => {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
    const answer = await ask(`https://localhost:${server.ready.https}${path}/${what}`, { headers, body, ca: root })
    assert.equal(answer.status, 200, answer.body.slice(0, 500))
    return answer.body
  }
  const [request, prepare] = await timed(() => call('request', '{"type":"full"}'))
  const [response, answered] = await timed(() => carry(cloud, request))
  const [done, apply] = await timed(() => call('response', response))
  const { job, applied } = JSON.parse(done)
  assert.equal(job.state, 'applied')
  const { added, changed } = applied.productInstances
  return { told: added + changed, requestBytes: request.length, responseBytes: response.length, prepare, cloud: answered, apply }
}

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const began = performance.now()
  return [await work(), (performance.now() - began) / 1000]
}

const figureOf = (steps: Steps, serverMegabytes: number): Figure => ({
  name: `courier, ${steps.told} product instances in one file`,
  unit: 's',
  work: spreadOf([steps.prepare + steps.cloud + steps.apply]),
  yardstick: undefined,
  ratio: undefined,
  goal,
  facts: {
    'to reach': goal,
    's to prepare and download': steps.prepare.toFixed(1),
    's of the cloud (laboratory), upload to download': steps.cloud.toFixed(1),
    's to upload and apply': steps.apply.toFixed(1),
    'MB of request': (steps.requestBytes / 1e6).toFixed(2),
    'KB of response': Math.round(steps.responseBytes / 1e3),
    'MB of server memory at most, device door included': serverMegabytes,
  },
})
