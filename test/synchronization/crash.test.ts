import assert from 'node:assert/strict'
import type { Knex } from 'knex'
import { listUsage } from '../../src/lab/cloud/store/reports.ts'
import type { LocalAccount } from '../../src/rules/accounts.ts'
import { openStorage } from '../../src/storage/db.ts'
import { getExchangeFile } from '../../src/storage/synchronizations.ts'
import { applySynchronization } from '../../src/synchronization/applySynchronization.ts'
import { prepareSynchronization } from '../../src/synchronization/prepareSynchronization.ts'
import { synchronizeLocalAccount } from '../../src/synchronization/synchronizeLocalAccount.ts'
import { administrator } from '../support/account.ts'
import { type Branch, courier, seenByCloud, standProduct, type Upstream, useLicenses, withCloud } from '../support/upstream.ts'

/** Everything that an answer may change. */
const tables = [
  ...['local_accounts', 'account_authorities', 'server_identity', 'entitlement_tags', 'entitlement_substitutions', 'entitlements'],
  ...['entitlement_shares', 'authorizations', 'synchronizations', 'resynchronizations', 'reported_product_instances', 'events', 'alerts'],
  ...['sent_product_instances', 'product_instances', 'tombstones', 'mails'],
]

describe('a server that dies while it applies an answer', () => {
  let upstream: Upstream
  let branch: Branch
  let account: LocalAccount
  withCloud(async both => {
    ;({ upstream, branch } = both)
    account = await branch.register('Crash')
  })

  const db = () => branch.context.storage.db
  const everything = async () => {
    const { rows } = await db().raw(
      `select ${tables.map(table => `(select md5(string_agg(t::text, '|' order by t::text)) from ${table} t) as ${table}`)}`,
    )
    return rows[0] as Record<string, string>
  }

  /**
   * Applies the answer by connections of its own, of which the database itself cuts the one at work before statement number `last`: to the database
   * a process that is killed there is the same. Says how it ended, and how many statements there were.
   */
  async function applyUntil(last: number, file: string): Promise<{ outcome: string; statements: number }> {
    const storage = openStorage(branch.database.connection, { connections: 2, pageConnections: 1 })
    let statements = 0
    const transaction = <T>(work: (tx: Knex.Transaction) => Promise<T>) =>
      storage.transaction(async tx => {
        const { rows } = await tx.raw('select pg_backend_pid() as pid')
        let dying: Promise<unknown> | undefined
        tx.on('query', () => {
          if (++statements === last) dying = db().raw('select pg_terminate_backend(?)', [rows[0].pid])
        })
        const result = await work(tx)
        await dying
        return result
      })
    const context = { ...branch.context, storage: { ...storage, transaction } }
    const outcome = await applySynchronization(context, administrator, { localAccountId: account.id, file }).then(
      done => done.state,
      () => 'died',
    )
    await storage.close()
    return { outcome, statements }
  }

  it('has applied all of it or nothing, wherever it died, and applies it at the next upload', async () => {
    const { advantage } = upstream.ready.tags
    await upstream.shop('Crash').buy(advantage, 10)
    const id = await standProduct(branch, account)
    await useLicenses(branch, account, id, { [advantage]: 4 })
    const wish = { localAccountId: account.id, kind: 'full', reason: 'MANUAL', carrier: 'manual' } as const
    const exchange = await prepareSynchronization(branch.context, administrator, wish)
    const file = await courier(upstream, (await getExchangeFile(db(), exchange, 'request'))!)
    const before = await everything()
    let deaths = 0
    for (let statement = 1; ; statement++) {
      const { outcome, statements } = await applyUntil(statement, file)
      const after = await everything()
      if (outcome === 'applied') {
        // The last that were cut had nothing left to do but to say so.
        assert.notDeepEqual(after, before)
        assert.ok(statements <= statement + 1)
        break
      }
      deaths++
      const changed = tables.filter(table => after[table] !== before[table])
      assert.deepEqual(changed, [], `something was kept of what died before statement ${statement}`)
    }
    assert.ok(deaths > 25, `it died ${deaths} times`)
    const { registration } = seenByCloud(upstream, account.uuid)
    assert.deepEqual(
      listUsage(upstream.database.read, registration.id).map(each => each.inUse),
      [4],
    )
    assert.equal((await synchronizeLocalAccount(branch.context, administrator, account.id, 'standard')).kind, 'standard')
  })
})
