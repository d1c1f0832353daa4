import { readConfig } from '../../src/config.ts'
import { openShelves } from '../../src/server/shelves.ts'
import { findLocalAccountByName, updateLocalAccount } from '../../src/storage/localAccounts.ts'
import { registerLocalAccount } from '../../src/synchronization/registerLocalAccount.ts'
import { synchronizeLocalAccount } from '../../src/synchronization/synchronizeLocalAccount.ts'
import { administrator } from '../support/account.ts'

/** What one exchange took of this process. */
export type Taken = { seconds: number; processor: number; megabytes: number; bytes: number; told: number }

/**
 * A server's side of synchronization in a process of its own, so that its time and memory can be told: registers the account that is named with
 * the cloud and the client that are named, then answers "standard" and "full" by what each took.
 */
const [name = '', clientId = '', clientSecret = ''] = process.argv.slice(2)
const { context, close } = await openShelves(readConfig())
const { db } = context.storage
const account = (await findLocalAccountByName(db, name))!
await updateLocalAccount(db, account.id, {
  state: 'approved',
  virtualAccount: { id: null, name },
  smartAccount: { id: null, name: 'Example Corp' },
})
const credentials = { clientId, clientSecret }
await registerLocalAccount(context, administrator, { name, smartAccount: 'Example Corp', virtualAccount: name, credentials })

async function measure(kind: 'standard' | 'full'): Promise<Taken> {
  let most = 0
  const look = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss())
  }, 20)
  const [began, cpu] = [performance.now(), process.cpuUsage()]
  const exchange = await synchronizeLocalAccount(context, administrator, account.id, kind)
  const { user, system } = process.cpuUsage(cpu)
  clearInterval(look)
  if (exchange.kind !== kind) throw new Error(`The exchange became a ${exchange.kind} one (${exchange.reason}).`)
  const { bytes } = await db('synchronizations').where({ id: exchange.id }).first(db.raw('length(request) as bytes'))
  const { added, changed, removed } = exchange.summary.products!
  const told = added + changed + removed
  return { seconds: (performance.now() - began) / 1000, processor: (user + system) / 1e6, megabytes: most / 2 ** 20, bytes, told }
}

process.on('message', async (kind: 'standard' | 'full') => {
  process.send!(await measure(kind).catch((error: Error) => ({ failed: error.message })))
})
process.on('SIGTERM', () => void close().finally(() => process.exit(0)))
process.send!({ ready: {} })
