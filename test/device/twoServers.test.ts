import assert from 'node:assert/strict'
import { newToken } from '../support/account.ts'
import { type OpenDoor, openOn, openTestDoor } from '../support/deviceDoor.ts'
import { ask } from '../support/http.ts'
import { insertLots, type TestLots } from '../support/lots.ts'
import { type Surroundings, softwareTag } from '../support/product.ts'

/** Two doors with their own lanes on one database: nothing but the database can decide between them. */
describe('two servers on one database', () => {
  let open: OpenDoor
  let second: Awaited<ReturnType<typeof openOn>>
  let both: [Surroundings, Surroundings]
  let lots: TestLots<'ADVANTAGE'>

  before(async () => {
    open = await openTestDoor()
    second = await openOn(open.context)
    both = [open.around, { ...open.around, httpPort: second.door.httpPort!, httpsPort: second.door.httpsPort!, tlsRoot: second.tlsRoot }]
    lots = await insertLots(open.context, open.home, { ADVANTAGE: 100 })
  })
  after(async () => {
    await second.door.close()
    await open.close()
  })

  const post = async (at: Surroundings, text: string) => {
    const { body } = await ask(`http://localhost:${at.httpPort}/SmartTransport`, {
      headers: { 'Content-Type': 'application/json' },
      body: text,
    })
    return JSON.parse(JSON.parse(body).response)
  }

  it('act once on a message that comes to both', async () => {
    const product = open.product()
    const registration = product.compose('REGISTRATION', product.applies(open.token))
    const replies = await Promise.all([...both, ...both].map(at => post(at, registration)))
    assert.equal(new Set(replies.map(reply => reply.response_data)).size, 1)
    product.keep(JSON.parse(replies[0].response_data))
    const report = product.compose('AUTHORIZATION', product.usage([[lots.tags.ADVANTAGE, 3]]))
    const answers = await Promise.all([...both, ...both].map(at => post(at, report)))
    assert.equal(new Set(answers.map(answer => answer.response_data)).size, 1)
    const { in_use } = await open.context.storage.db('authorizations').where({ tag_id: lots.ids.ADVANTAGE }).first()
    assert.equal(in_use, 3)
  })

  it('let no more products in by a token than its maximum', async () => {
    const { token, secret } = await newToken(open.context, open.home, { maximumUses: 7 })
    const products = Array.from({ length: 20 }, () => open.product())
    const replies = await Promise.all(
      products.map((product, index) => post(both[index % 2]!, product.compose('REGISTRATION', product.applies(secret)))),
    )
    const results = Object.groupBy(replies, reply => reply.message_code ?? reply.status)
    assert.deepEqual([results.OK?.length, results.TOKEN_USAGE_EXCEEDED?.length], [7, 13])
    assert.equal((await open.context.storage.db('registration_tokens').where({ id: token.id }).first()).uses, 7)
  })

  it('register one device once, whichever it asks', async () => {
    const twins = Array.from({ length: 6 }, () => open.product({ sudi: { udi_pid: 'EX-R1000', udi_serial_number: 'TWIN' } }))
    const replies = await Promise.all(
      twins.map((twin, index) => post(both[index % 2]!, twin.compose('REGISTRATION', twin.applies(open.token)))),
    )
    assert.deepEqual(replies.map(reply => reply.message_code ?? reply.status).sort(), [...Array(5).fill('ALREADY_REGISTERED'), 'OK'])
  })

  it('register a pair once whose devices both speak for it at the same moment, whichever they ask', async () => {
    const sudi = (name: string) => ({ udi_pid: 'EX-R1000', udi_serial_number: name })
    const device = (name: string, role: string) => ({ sudi: sudi(name), hostname: name, software_tag_identifier: softwareTag, role })
    // Each as the active one of the pair, through one door for the even pairs and through two for the others.
    const applications = Array.from({ length: 8 }, (_, pair) => [`LEFT-${pair}`, `RIGHT-${pair}`]).flatMap((names, pair) =>
      names.map((name, index) => {
        const product = open.product({ sudi: sudi(name) })
        const device_list = [device(name, 'Active'), device(names[1 - index]!, 'Standby')]
        const message = product.compose('REGISTRATION', product.applies(open.token, { device_list }))
        return { pair, at: both[pair % 2 === 0 ? 0 : (index as 0 | 1)], message }
      }),
    )
    const replies = await Promise.all(applications.map(async ({ pair, at, message }) => ({ pair, reply: await post(at, message) })))
    for (const [pair, two] of Map.groupBy(replies, reply => reply.pair)) {
      const results = two.map(({ reply }) => reply.message_code ?? reply.status).sort()
      assert.deepEqual(results, ['ALREADY_REGISTERED', 'OK'], `pair ${pair}`)
    }
    const { rows } = await open.context.storage.db.raw(
      `select count(*) as there from product_instances where udi_serial_number ~ '^(LEFT|RIGHT)-'`,
    )
    assert.equal(rows[0].there, 8)
  })

  it('add up what a fleet uses that reports to both at once', async () => {
    const { secret } = await newToken(open.context, open.home)
    const fleet = await Promise.all(Array.from({ length: 10 }, () => open.product().settle(secret)))
    const counter = async () => (await open.context.storage.db('authorizations').where({ tag_id: lots.ids.ADVANTAGE }).first()).in_use
    const before = await counter()
    for (const count of [1, 4, 2]) {
      await Promise.all(
        fleet.map((product, index) =>
          post(both[index % 2]!, product.compose('AUTHORIZATION', product.usage([[lots.tags.ADVANTAGE, count]]))),
        ),
      )
    }
    assert.equal(await counter(), before + 20)
  })
})
