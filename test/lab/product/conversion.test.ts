import assert from 'node:assert/strict'
import { type Agent, createAgent } from '../../../src/lab/product/agent/agent.ts'
import { openLine } from '../../../src/lab/product/agent/http.ts'
import { identityOf } from '../../../src/lab/product/agent/identity.ts'
import type { TraditionalLicense } from '../../../src/lab/product/agent/state.ts'
import { claimsOf, decideAll } from '../../support/conversions.ts'
import { type OpenDoor, openTestDoor } from '../../support/deviceDoor.ts'
import { newFolder } from '../../support/folders.ts'
import { advantage, done } from './cast.ts'

const minute = 60_000
const licenses: TraditionalLicense[] = [
  { source: 'PAK', sku: 'EX-1', feature: null, tag: null, count: 2 },
  { source: 'RTU', sku: 'EX-2', feature: 'any', tag: null, count: 1 },
]

describe('a product of the laboratory that converts its licenses', function () {
  this.timeout(60_000)
  let open: OpenDoor
  let serial = 0

  before(async () => {
    open = await openTestDoor()
  })
  after(() => open.close())

  const line = () => openLine({})
  const newAgent = (state = newFolder('product'), post = line().post): Agent =>
    createAgent({
      state,
      url: `http://127.0.0.1:${open.around.httpPort}`,
      trust: open.around.licensingRoot,
      identity: identityOf({ pid: 'EX-R1000', serialNumber: `FOX${String(++serial).padStart(8, '0')}` }),
      clock: open.clock,
      random: () => 0.5,
      line: { post },
    })
  const registered = async (state = newFolder('product')) => {
    const agent = newAgent(state)
    await done(agent.register({ token: open.token }))
    await done(agent.acknowledge())
    return agent
  }
  const claims = () => claimsOf(open.context, open.home.account.id)
  const decide = () => decideAll(open.context, open.home.account.id, advantage)
  const word = async (agent: Agent) => (await agent.status()).conversion.status

  it('polls by itself until the cloud has decided', async () => {
    const agent = await registered()
    assert.equal(await word(agent), 'NOT STARTED')
    const outcome = await agent.convert(licenses)
    assert.ok(outcome.result === 'waiting')
    assert.equal(outcome.interval, 300)
    assert.equal(await agent.step(), undefined)
    open.clock.advance(5 * minute)
    assert.deepEqual([(await agent.step())?.deed, await agent.step(), await word(agent)], ['poll', undefined, 'IN PROGRESS'])
    await decide()
    open.clock.advance(5 * minute)
    assert.equal((await agent.step())?.outcome.result, 'done')
    const { status, lines } = (await agent.status()).conversion
    assert.equal(status, 'COMPLETED')
    assert.deepEqual(
      lines.map(each => [each.sku, each.status, each.granted, each.grantedTag]),
      [
        ['EX-1', 'CONVERTED', 2, advantage],
        ['EX-2', 'CONVERTED', 1, advantage],
      ],
    )
    assert.equal(await agent.step(), undefined)
  })

  it('asks for the same conversion again when its answer was lost, or the process died', async () => {
    const state = newFolder('product')
    await registered(state)
    serial--
    const losing = newAgent(state, async (...request) => {
      await line().post(...request)
      throw new Error('The current was cut.')
    })
    await assert.rejects(losing.convert(licenses), /cut/)
    const [first] = await claims()
    serial--
    const agent = newAgent(state)
    assert.equal(await word(agent), 'IN PROGRESS')
    assert.deepEqual(await agent.step().then(did => [did?.deed, did?.outcome.result]), ['convert licenses', 'waiting'])
    assert.deepEqual(
      (await claims()).map(claim => claim.conversion_id),
      [first!.conversion_id, first!.conversion_id],
    )
    await decide()
    assert.equal((await done(agent.poll())).conversionId, first!.conversion_id)
  })

  it('asks for the same again when the server has forgotten the poll', async () => {
    const agent = await registered()
    await agent.convert(licenses)
    const before = await claims()
    await open.context.storage.db('conversions').delete()
    assert.equal((await agent.poll()).result, 'refused')
    open.clock.advance(15 * minute)
    assert.deepEqual((await agent.step())?.deed, 'convert licenses')
    assert.deepEqual(
      (await claims()).map(claim => claim.conversion_id),
      before.map(claim => claim.conversion_id),
    )
    await decide()
    await done(agent.convert([]))
  })

  it('lets go of one that the server does not take, and says why', async () => {
    const agent = await registered()
    const tooMany = Array.from({ length: 1001 }, (_, index) => ({ ...licenses[0]!, sku: `EX-${index}` }))
    const outcome = await agent.convert(tooMany)
    assert.equal(outcome.result === 'refused' && outcome.code, 'MALFORMED')
    const { status, refusal } = (await agent.status()).conversion
    assert.deepEqual([status, refusal], ['FAILED', 'Must have 1 to 1000 conversions.'])
    assert.equal(await agent.step(), undefined)
    assert.equal((await agent.convert(licenses)).result, 'waiting')
    await decide()
  })

  it('goes on reporting while it waits, and waits on when it registers anew', async () => {
    const agent = await registered()
    await agent.convert(licenses)
    await done(agent.report([{ tag: advantage, count: 1 }]))
    await done(agent.renewIdCertificate())
    assert.equal((await agent.convert([])).result, 'waiting')
    await done(agent.register({ token: open.token, force: true }))
    await done(agent.acknowledge())
    assert.deepEqual((await agent.step())?.deed, 'convert licenses')
    await decide()
    await done(agent.poll())
  })
})
