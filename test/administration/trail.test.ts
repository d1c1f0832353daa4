import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { Readable } from 'node:stream'
import { text as textOf } from 'node:stream/consumers'
import fc from 'fast-check'
import type { Knex } from 'knex'
import { addUser } from '../../src/administration/addUser.ts'
import { exportTrail, signedText } from '../../src/administration/trail/exportTrail.ts'
import { pruneTrail, sealTrail } from '../../src/administration/trail/sealTrail.ts'
import { verifyTrail } from '../../src/administration/trail/verifyTrail.ts'
import { verify } from '../../src/pki/signature.ts'
import { day, later } from '../../src/rules/clock.ts'
import { followTrail, isBreak, linkHash, trailStart } from '../../src/rules/trail.ts'
import { actAs } from '../../src/storage/acting.ts'
import { recordEvent } from '../../src/storage/events.ts'
import { ensureServerIdentity } from '../../src/synchronization/ensureServerIdentity.ts'
import { administrator } from '../support/account.ts'
import { testClock } from '../support/clock.ts'
import { type TestContext, testContext } from '../support/context.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

describe('the trail', () => {
  let database: TestDatabase
  let context: TestContext
  const clock = testClock()
  const actor = { kind: 'user' as const, name: 'ada', source: '192.0.2.7', correlationId: '00000000-0000-4000-8000-000000000001' }
  const act = (message: string, db: Knex = context.storage.db) =>
    actAs(actor, () => recordEvent(db, { localAccountId: 0, at: clock.now(), kind: 'backup', message, who: 'ada' }))
  const rows = () => context.storage.db('trail').orderBy('number')

  beforeEach(async () => {
    database = await createTestDatabase()
    context = testContext(database.storage, clock)
  })
  afterEach(() => database.drop())

  it('has who, from where, what and when, and nothing of what products do', async () => {
    await act('A backup was taken.')
    await recordEvent(context.storage.db, {
      localAccountId: 1,
      at: clock.now(),
      kind: 'usage changed',
      message: 'by a product',
      who: 'router-1',
    })
    const [only, ...others] = await rows()
    assert.deepEqual(others, [])
    assert.deepEqual(JSON.parse(only.record), {
      at: clock.now().toISOString(),
      who: 'ada',
      actor: 'user',
      source: '192.0.2.7',
      correlationId: actor.correlationId,
      kind: 'backup',
      message: 'A backup was taken.',
      outcome: 'done',
      localAccountId: 0,
    })
  })

  it('has the record if and only if the act is done', async () => {
    await assert.rejects(
      context.storage.transaction(async tx => {
        await act('undone', tx)
        throw new Error('in the middle')
      }),
    )
    assert.deepEqual(await rows(), [])
    assert.deepEqual(await verifyTrail(context), { from: 1, to: 0, records: 0, seals: 0, broken: null })
  })

  it('has one chain of what many do at once, in long transactions and short ones', async () => {
    await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        context.storage.transaction(async tx => {
          for (let i = 0; i <= index % 3; i++) await act(`${index}.${i}`, tx)
        }),
      ),
    )
    const report = await verifyTrail(context)
    assert.equal(report.broken, null)
    assert.equal(report.records, 79)
  })

  it('is refused to whoever would change it by the ordinary way', async () => {
    await act('one')
    for (const statement of [`update trail set record = '{}'`, 'delete from trail', 'truncate trail'])
      await assert.rejects(context.storage.db.raw(statement), /never changed/)
  })

  it('names the first place where somebody who owns the database changed, removed, put in or moved a record', async () => {
    for (let i = 1; i <= 8; i++) await act(`act ${i}`)
    await context.storage.transaction(tx => sealTrail(tx, context.secrets, clock.now()))
    for (let i = 9; i <= 10; i++) await act(`act ${i}`)
    const tamper = fc.oneof(
      fc.record({ deed: fc.constant('change' as const), at: fc.integer({ min: 1, max: 10 }) }),
      fc.record({ deed: fc.constant('time' as const), at: fc.integer({ min: 1, max: 10 }) }),
      fc.record({ deed: fc.constant('remove' as const), at: fc.integer({ min: 1, max: 10 }) }),
      fc.record({ deed: fc.constant('cut' as const), at: fc.integer({ min: 1, max: 10 }) }),
      fc.record({ deed: fc.constant('insert' as const), at: fc.integer({ min: 1, max: 11 }) }),
      fc.record({ deed: fc.constant('swap' as const), at: fc.integer({ min: 1, max: 9 }) }),
      fc.record({ deed: fc.constant('rewrite' as const), at: fc.integer({ min: 1, max: 8 }) }),
    )
    await fc.assert(
      fc.asyncProperty(tamper, async ({ deed, at }) => {
        const secretly = await context.storage.db.transaction()
        try {
          await secretly.raw('alter table trail disable trigger user')
          await tampering[deed](secretly, at)
          const { broken } = await verifyTrail({ ...context, storage: { ...context.storage, db: asDb(secretly) } })
          // A chain that was written anew shows at the seal; everything else where it was done.
          assert.equal(broken?.number, deed === 'rewrite' ? 8 : at)
        } finally {
          await secretly.rollback()
        }
      }),
      { numRuns: 60 },
    )
    assert.equal((await verifyTrail(context)).broken, null)
  })

  it('is pruned up to an anchor, from which it still holds, and below which nothing can be put', async () => {
    for (let i = 1; i <= 4; i++) {
      await act(`act ${i}`)
      clock.advance(day)
    }
    const before = later(clock.now(), -2 * day)
    const pruned = await context.storage.transaction(tx => pruneTrail(tx, context.secrets, { now: clock.now(), before }))
    assert.equal(pruned, 2)
    assert.deepEqual(await verifyTrail(context), { from: 3, to: 4, records: 2, seals: 1, broken: null })
    await assert.rejects(context.storage.db('trail').where({ number: 3 }).delete(), /never changed/)
    const [three] = await rows()
    await context.storage.db('trail').insert({ number: 2, at: three.at, record: three.record, hash: three.hash })
    assert.match((await verifyTrail(context)).broken!.sentence, /before 2, where the trail was pruned/)
  })

  it('does not take another server’s seal for its own', async () => {
    await act('one')
    await context.storage.transaction(tx => sealTrail(tx, testContext(database.storage, clock).secrets, clock.now()))
    assert.match((await verifyTrail(context)).broken!.sentence, /not made by this server/)
  })

  it('is exported so that whoever has the file can verify it without the server', async () => {
    await ensureServerIdentity(context.storage.db, context.secrets, clock.now())
    await addUser(context, administrator, { username: 'eve', password: 'a cart of paper cranes', mustChangePassword: false })
    await act('two')
    const text = await textOf(Readable.from(exportTrail(context)))
    const [first, ...lines] = text
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    const last = lines.pop()
    const links = lines.map(({ number, record, hash }) => ({ number, record, hash: Buffer.from(hash, 'hex') }))
    const end = followTrail({ number: first.after.number, hash: Buffer.from(first.after.hash, 'hex') }, links)
    assert.ok(!isBreak(end))
    assert.deepEqual({ number: end.number, hash: end.hash.toString('hex') }, last.head)
    assert.ok(
      await verify(createPublicKey(last.publicKey), signedText(first.serverUuid, end), Buffer.from(last.signature, 'base64')),
      'the end is signed',
    )
    assert.ok(!text.includes('paper cranes') && !text.includes('argon2'), 'no secret is in it')
  })

  it('is chained by the database as by the rule', async () => {
    await act('ümläut "quoted" \\ and \n lines')
    const [{ number, record, hash }] = await rows()
    assert.deepEqual(hash, linkHash(trailStart.hash, number, record))
  })
})

type Deed = (tx: Knex.Transaction, at: number) => Promise<unknown>
const tampering: Record<'change' | 'time' | 'remove' | 'cut' | 'insert' | 'swap' | 'rewrite', Deed> = {
  change: (tx, at) => tx.raw(`update trail set record = replace(record, 'act', 'deed') where number = ?`, [at]),
  time: (tx, at) => tx.raw(`update trail set at = at + interval '1 second' where number = ?`, [at]),
  remove: (tx, at) => tx('trail').where({ number: at }).delete(),
  cut: (tx, at) => tx('trail').where('number', '>=', at).delete(),
  async insert(tx, at) {
    await tx.raw('update trail set number = -number - 1 where number >= ?', [at])
    await tx.raw('update trail set number = -number where number < 0')
    await tx.raw(
      'insert into trail (number, at, record, hash) select ?, at, replace(record, ?, ?), hash from trail where number <> ? limit 1',
      [at, 'act', 'deed', at],
    )
  },
  async swap(tx, at) {
    await tx.raw('update trail set number = -number where number in (?, ?)', [at, at + 1])
    await tx.raw('update trail set number = ?::bigint + 1 + (number + ?::bigint) where number < 0', [at, at])
  },
  /** By somebody who knows how the chain is made, from a record on to the end, the head included. */
  async rewrite(tx, at) {
    const before = await tx('trail')
      .where({ number: at - 1 })
      .first()
    let hash: Buffer = before?.hash ?? trailStart.hash
    for (const { number, record } of await tx('trail').where('number', '>=', at).orderBy('number')) {
      const other = record.replace('act', 'deed')
      hash = linkHash(hash, number, other)
      await tx('trail').where({ number }).update({ record: other, hash })
    }
    await tx('trail_head').update({ hash })
  },
}

/** A transaction in the place of the pool: what it sees is not committed, so that every try begins with what was there. */
const asDb = (tx: Knex.Transaction) =>
  ({ transaction: (work: (inner: Knex.Transaction) => Promise<unknown>) => work(tx) }) as unknown as Knex
