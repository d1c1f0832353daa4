import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { applyConversionDecisions } from '../../src/licensing/endConversions.ts'
import { removeProductInstance } from '../../src/licensing/removeProductInstance.ts'
import { day, hour } from '../../src/rules/clock.ts'
import { conversionsAtOnce } from '../../src/rules/conversions.ts'
import { agenda } from '../../src/schedule/agenda.ts'
import { tick } from '../../src/schedule/clock.ts'
import { deletePollsBefore } from '../../src/storage/polls.ts'
import type { ConversionDecision } from '../../src/wire/exchange/conversions.ts'
import { administrator, newToken, registeredAccount } from '../support/account.ts'
import { claimsOf, decideAll } from '../support/conversions.ts'
import { type OpenDoor, openTestDoor } from '../support/deviceDoor.ts'
import type { Reply, TestProduct, Way } from '../support/product.ts'

const tag = 'regid.2020-01.com.example.ADVANTAGE,1.0_00000000-0000-4000-8000-000000000001'

type Line = { line: number; source?: string; sku?: string | null; feature?: string | null; count?: number; tag?: string | null }

describe('a product that converts its traditional licenses', () => {
  let open: OpenDoor
  let product: TestProduct
  let token: string

  before(async () => {
    open = await openTestDoor()
  })
  after(() => open.close())
  beforeEach(async () => {
    token = (await newToken(open.context, open.home)).secret
    product = await open.product().settle(token)
  })

  const db = () => open.context.storage.db
  const lineOf = (given: Line) => ({
    source: 'PAK',
    sku: 'EX-1',
    feature: null,
    count: 2,
    tag: null,
    serial: 'FOX1',
    proof: 'secret',
    ...given,
  })
  const wish = (lines: Line[], conversion_id: string = randomUUID()) => ({ conversion_id, conversions: lines.map(lineOf) })
  const start = (lines: Line[], id?: string): Promise<Reply> => product.say('DLC', wish(lines, id))
  const poll = (poll_id: unknown, who = product): Promise<Reply> => who.say('POLL', { poll_id, action: 'conversion' })
  const claims = (most?: { lines: number; bytes: number }) => claimsOf(open.context, open.home.account.id, most)
  const events = async () =>
    (await db()('events').where({ product_instance_id: product.id, kind: 'conversion' }).orderBy('id')).map(event => event.message)
  const alerts = () =>
    db()('alerts').where({ local_account_id: open.home.account.id }).whereNull('cleared_at').orderBy('kind').pluck('kind')

  const decide = (word: (line: number) => Partial<ConversionDecision>) => decideAll(open.context, open.home.account.id, tag, word)
  const convertAll = () => decide(() => ({}))

  it('polls until the cloud has decided, and hears what is known meanwhile', async () => {
    const request = wish([{ line: 1 }, { line: 7, sku: 'EX-2' }])
    const held = await product.say('DLC', request)
    const { poll_id, poll_interval, action } = held.response
    assert.deepEqual([held.status, poll_interval, action, held.data], ['OK_POLL', 300, 'conversion', null])
    assert.ok(Number.isSafeInteger(poll_id))

    const pending = (line: number) => ({ line, status: 'PENDING_UPSTREAM', tag: null, count: 0, message: null })
    const waiting = await poll(poll_id)
    assert.deepEqual([waiting.status, waiting.response.poll_id, waiting.response.action], ['OK_POLL', poll_id, 'conversion'])
    assert.deepEqual(waiting.data, { conversion_id: request.conversion_id, results: [pending(1), pending(7)] })
    assert.deepEqual(await alerts(), ['conversion waits'])

    const no = { status: 'NOT_ELIGIBLE' as const, tag: null, count: 0, message: 'Nothing for that.' }
    await decide(line => (line === 7 ? no : { count: 20 }))
    const reply = await poll(poll_id)
    assert.deepEqual([reply.status, reply.response.action, reply.response.poll_id], ['OK', 'conversion', null])
    assert.deepEqual(reply.data, {
      conversion_id: request.conversion_id,
      results: [
        { line: 1, status: 'CONVERTED', tag, count: 20, message: null },
        { line: 7, ...no },
      ],
    })
    assert.deepEqual(await events(), [
      `${product.hostname} asks for the conversion of its traditional licenses: 2 lines.`,
      `The conversion of ${product.hostname}'s traditional licenses has ended: 1 line converted, 1 line not eligible.`,
    ])
    assert.deepEqual(await alerts(), ['conversion refused'])
  })

  it('goes on waiting while the cloud has decided only some lines', async () => {
    const { poll_id } = (await start([{ line: 1 }, { line: 2 }])).response
    await decide(line => (line === 2 ? { status: 'PENDING_UPSTREAM' } : {}))
    const waiting = await poll(poll_id)
    assert.equal(waiting.status, 'OK_POLL')
    assert.deepEqual(
      (waiting.data.results as { status: string }[]).map(each => each.status),
      ['CONVERTED', 'PENDING_UPSTREAM'],
    )
    assert.deepEqual(
      (await claims()).map(claim => claim.line),
      [2],
    )
    await convertAll()
    assert.equal((await poll(poll_id)).status, 'OK')
    assert.deepEqual(await claims(), [])
    assert.equal((await db()('conversion_lines').whereNotNull('proof')).length, 0, 'a proof is kept no longer than it is needed')
  })

  it('starts one conversion under one name, however often it asks, by whatever way', async () => {
    const request = wish([{ line: 1 }])
    const ways: Way[] = [{}, { secure: true }, { transport: 'callhome' }]
    const replies = await Promise.all([...ways, ...ways].map(way => product.say('DLC', request, {}, way)))
    assert.equal(new Set(replies.map(reply => `${reply.status} ${reply.response.poll_id}`)).size, 1)
    assert.equal((await claims()).length, 1)
    assert.equal((await events()).length, 1)
    await convertAll()
    const again = await product.say('DLC', request)
    assert.deepEqual([again.status, again.response.poll_id], ['OK_POLL', replies[0]!.response.poll_id])
    assert.deepEqual(await claims(), [], 'what was decided is not asked again')
    assert.equal((await poll(again.response.poll_id)).status, 'OK')
    const other = await start([{ line: 1, count: 3 }], request.conversion_id)
    assert.deepEqual(
      [other.message_code, other.message],
      ['MALFORMED', '{"conversion_id":["Is the name of another conversion of this product."]}'],
    )
  })

  it('gets the same reply, byte for byte, for the same message, and acts once when its copies come together', async () => {
    const text = product.compose('DLC', wish([{ line: 1 }]))
    const bodies = new Set((await Promise.all(Array.from({ length: 6 }, () => product.send(text)))).map(reply => reply.body))
    assert.equal(bodies.size, 1)
    const rows = await open.rows()
    const first = await product.send(text)
    assert.equal((await product.send(text)).body, first.body)
    assert.deepEqual(await open.rows(), rows)
    const question = product.compose('POLL', { poll_id: first.response.poll_id, action: 'conversion' })
    const answer = await product.send(question)
    await convertAll()
    assert.equal((await product.send(question)).body, answer.body, 'a retransmission is answered as it was')
    assert.equal((await poll(first.response.poll_id)).status, 'OK')
  })

  it('converts a line once', async () => {
    await start([{ line: 1 }])
    await convertAll()
    const again = await start([{ line: 1, count: 9 }, { line: 2 }])
    assert.deepEqual(
      (await claims()).map(claim => claim.line),
      [2],
      'the cloud is not asked what is known',
    )
    await convertAll()
    assert.deepEqual((await poll(again.response.poll_id)).data.results, [
      { line: 1, status: 'ALREADY_CONVERTED', tag, count: 2, message: 'This line was converted before.' },
      { line: 2, status: 'CONVERTED', tag, count: 2, message: null },
    ])
    const known = await start([{ line: 1 }, { line: 2 }])
    assert.equal(known.status, 'OK_POLL')
    assert.equal((await poll(known.response.poll_id)).status, 'OK', 'where all is known, nothing is waited for')
    const other = await open.product().settle(token)
    await other.say('DLC', wish([{ line: 1 }]))
    assert.equal((await claims()).length, 1, 'another product has lines of its own')
    await convertAll()
  })

  it("is held to the cloud's first word on a line, and nobody's word makes a line that was not asked for", async () => {
    const { poll_id } = (await start([{ line: 1 }])).response
    const [claim] = await claims()
    await convertAll()
    const first = await poll(poll_id)
    const later = { ...claim!, status: 'NOT_ELIGIBLE' as const, tag: null, count: 0, message: null }
    const { db: pool } = open.context.storage
    const before = await pool('conversion_lines').where({ product_instance_id: product.id })
    await open.context.storage.transaction(tx =>
      applyConversionDecisions(
        tx,
        open.home.account.id,
        [later, { ...later, line: 2 }, { ...later, product_instance_identifier: randomUUID() }],
        open.clock.now(),
      ),
    )
    assert.deepEqual((await poll(poll_id)).data, first.data)
    assert.deepEqual(await pool('conversion_lines').where({ product_instance_id: product.id }), before)
  })

  it('may try a line again that was not eligible', async () => {
    await start([{ line: 1 }])
    await decide(() => ({ status: 'NOT_ELIGIBLE', tag: null, count: 0 }))
    await start([{ line: 1 }])
    assert.equal((await claims()).length, 1)
    await convertAll()
    assert.deepEqual(await alerts(), [])
  })

  it("hears nothing of another's poll, nor of one that never was", async () => {
    const { poll_id } = (await start([{ line: 1 }])).response
    const other = await open.product().settle(token)
    const stranger = open.product()
    const elsewhere = await registeredAccount(open.context)
    await stranger.settle((await newToken(open.context, elsewhere)).secret)
    for (const who of [other, stranger]) assert.equal((await poll(poll_id, who)).message_code, 'UNKNOWN_POLL')
    for (const unknown of [0, 99_999, Number.MAX_SAFE_INTEGER]) assert.equal((await poll(unknown)).message_code, 'UNKNOWN_POLL')
    assert.equal((await product.say('POLL', { poll_id, action: 'registration' })).message_code, 'UNKNOWN_POLL')
    for (const wrong of ['1', null, -1, 1.5]) assert.equal((await poll(wrong)).message_code, 'MALFORMED')
    await convertAll()
  })

  it('has seven days for its results, and as long as it takes for the cloud', async () => {
    const request = wish([{ line: 1 }])
    const { poll_id } = (await product.say('DLC', request)).response
    open.clock.advance(20 * day)
    await deletePollsBefore(db(), open.clock.now())
    assert.equal((await poll(poll_id)).status, 'OK_POLL')
    await convertAll()
    open.clock.advance(7 * day - hour)
    assert.equal((await poll(poll_id)).status, 'OK')
    open.clock.advance(hour)
    assert.equal((await poll(poll_id)).message_code, 'UNKNOWN_POLL')
    const again = await product.say('DLC', request)
    assert.equal(again.response.poll_id, poll_id)
    assert.equal((await poll(poll_id)).data.conversion_id, request.conversion_id, 'who starts again hears the same')
  })

  it('leaves nothing behind of a conversion that brought nothing', async () => {
    const { poll_id } = (await start([{ line: 1 }])).response
    await decide(() => ({ status: 'NOT_ELIGIBLE', tag: null, count: 0 }))
    const fruitful = (await start([{ line: 2 }])).response.poll_id
    await convertAll()
    open.clock.advance(8 * day)
    await tick(open.context, agenda)
    const kept = await db()('conversions').where({ product_instance_id: product.id }).pluck('poll_id')
    assert.deepEqual(kept, [fruitful])
    assert.equal((await poll(poll_id)).message_code, 'UNKNOWN_POLL')
  })

  it('is told to come later when it asks over and over', async () => {
    const many = Array.from({ length: 1000 }, (_, line) => ({ line }))
    for (const id of [randomUUID(), randomUUID()]) assert.equal((await start(many, id)).status, 'OK_POLL')
    assert.equal((await start([{ line: 1 }])).status, 'OK_TRY_AGAIN')
    await convertAll()
    product = await open.product().settle(token)
    for (let count = 0; count < conversionsAtOnce.conversions; count++) assert.equal((await start([{ line: 1 }])).status, 'OK_POLL')
    const busy = await start([{ line: 1 }])
    assert.equal(busy.status, 'OK_TRY_AGAIN')
    assert.ok((busy.response.retry_after as number) > 0)
    await convertAll()
  })

  it('is told what is wrong with its message, and nothing is kept of it', async () => {
    const rows = await open.rows()
    const good = lineOf({ line: 1 })
    for (const [data, path] of [
      [{ ...wish([{ line: 1 }]), conversion_id: 'mine' }, 'conversion_id'],
      [{ conversion_id: randomUUID(), conversions: [] }, 'conversions'],
      [{ conversion_id: randomUUID(), conversions: [{ ...good, count: 0 }] }, 'conversions[0].count'],
      [{ conversion_id: randomUUID(), conversions: [good, good] }, 'conversions'],
    ] as const) {
      const reply = await product.say('DLC', data)
      assert.equal(reply.message_code, 'MALFORMED')
      assert.ok(JSON.parse(reply.message!)[path], reply.message!)
    }
    assert.deepEqual({ ...(await open.rows()), replies: 0 }, { ...rows, replies: 0 })
    assert.deepEqual(await claims(), [])
  })

  it('is nobody without its certificate and its signature', async () => {
    const request = wish([{ line: 1 }])
    const nobody = open.product()
    assert.equal((await nobody.say('DLC', request)).message_code, 'MALFORMED')
    const forged = await product.say('DLC', request, { signer: nobody.keys.privateKey })
    assert.equal(forged.message_code, 'BAD_SIGNATURE')
    assert.deepEqual(await claims(), [])
  })

  it('acknowledges a new certificate by it, and is seen', async () => {
    const fresh = open.product()
    await fresh.register(token)
    open.clock.advance(hour)
    await fresh.say('DLC', wish([{ line: 1 }]))
    const row = await db()('product_instances').where({ id: fresh.id }).first()
    assert.equal(row.state, 'REGISTERED')
    const contact = await db()('product_instance_contacts').where({ product_instance_id: fresh.id }).first()
    assert.deepEqual(contact.last_contact_at, open.clock.now())
    await convertAll()
  })

  it('gives up its licenses for good: what it asked for is decided although it is gone', async () => {
    await start([{ line: 1 }])
    const id = product.id!
    await removeProductInstance(open.context, administrator, { localAccountId: open.home.account.id, id })
    assert.equal((await poll(1)).message_code, 'UNKNOWN_INSTANCE')
    assert.equal((await claims()).length, 1)
    await convertAll()
    assert.match((await events()).at(-1)!, /has ended: 1 line converted/)
  })

  it('goes up in parts where many ask for much, the oldest first', async () => {
    for (const line of [1, 2, 3]) await start([{ line }, { line: line + 10 }])
    const lines = async (most: { lines: number; bytes: number }) => (await claims(most)).map(claim => claim.line)
    assert.deepEqual(await lines({ lines: 3, bytes: 1000 }), [1, 11, 2])
    assert.deepEqual(await lines({ lines: 100, bytes: 'secret'.length * 4 }), [1, 11, 2, 12])
    assert.deepEqual(await lines({ lines: 100, bytes: 0 }), [1], 'one goes always')
    await convertAll()
  })
})
