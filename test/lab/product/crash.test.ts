import assert from 'node:assert/strict'
import { type Agent, type AgentOptions, createAgent } from '../../../src/lab/product/agent/agent.ts'
import { openLine } from '../../../src/lab/product/agent/http.ts'
import { identityOf } from '../../../src/lab/product/agent/identity.ts'
import type { Outcome } from '../../../src/lab/product/agent/outcome.ts'
import { type Store, storeInMemory } from '../../../src/lab/product/agent/store.ts'
import { type KeyPair, makeRsaKey } from '../../../src/pki/keys.ts'
import { type OpenDoor, openTestDoor } from '../../support/deviceDoor.ts'
import { insertLots, type TestLots } from '../../support/lots.ts'

/** The current was cut: nothing that comes later happens. */
class Crash extends Error {}

/** Counts the moments at which a crash leaves something else behind: before and after each write and each message. */
function crashAt(moment: number) {
  let moments = 0
  const pass = () => {
    if (++moments === moment) throw new Crash()
  }
  const around = async <T>(deed: () => Promise<T>): Promise<T> => {
    pass()
    const result = await deed()
    pass()
    return result
  }
  return { around }
}

describe('a product that crashes', function () {
  this.timeout(120_000)
  let open: OpenDoor
  let lots: TestLots<'ADVANTAGE'>
  let keys: KeyPair[]

  before(async () => {
    open = await openTestDoor()
    lots = await insertLots(open.context, open.home, { ADVANTAGE: 10 })
    keys = await Promise.all([makeRsaKey(), makeRsaKey()])
  })
  after(() => open.close())

  let turn = 0
  const agentOf = (state: Store, serialNumber: string, line: AgentOptions['line']): Agent =>
    createAgent({
      state,
      url: `http://127.0.0.1:${open.around.httpPort}`,
      trust: open.around.licensingRoot,
      identity: identityOf({ pid: 'EX-R1000', serialNumber }),
      clock: open.clock,
      makeKey: async () => keys[turn++ % keys.length]!,
      line: line ?? openLine({}),
    })

  /** An agent that crashes at its `moment`th moment. */
  function doomedAgent(kept: Store, serialNumber: string, moment: number): Agent {
    const { around } = crashAt(moment)
    const { post } = openLine({})
    const store: Store = { ...kept, write: state => around(() => kept.write(state)), keepKey: pair => around(() => kept.keepKey(pair)) }
    return agentOf(store, serialNumber, { post: (url, type, body) => around(() => post(url, type, body)) })
  }

  const life: ((agent: Agent) => Promise<Outcome>)[] = [
    agent => agent.register({ token: open.token }),
    agent => agent.acknowledge(),
    agent => agent.report([{ tag: lots.tags.ADVANTAGE, count: 2 }]),
    agent => agent.renewIdCertificate(),
    agent => agent.renewAuthorization(),
  ]

  /** Lives on with a fresh agent from the deed in which the crash came; gives whether there was one. */
  async function liveThroughACrash(kept: Store, serialNumber: string, moment: number): Promise<boolean> {
    let agent = doomedAgent(kept, serialNumber, moment)
    let crashed = false
    for (const deed of life) {
      const outcome = await deed(agent).catch(error => {
        if (!(error instanceof Crash)) throw error
        crashed = true
        agent = agentOf(kept, serialNumber, undefined)
        return deed(agent)
      })
      assert.equal(outcome.result, 'done', `crash at moment ${moment}: ${JSON.stringify(outcome)}`)
    }
    return crashed
  }

  it('goes on where it was, at whichever moment it crashed, and is counted once', async () => {
    const { storage } = open.context
    let moment = 1
    for (let crashed = true; crashed; moment++) {
      const kept = storeInMemory()
      const serialNumber = `CRASH${moment}`
      crashed = await liveThroughACrash(kept, serialNumber, moment)
      const instances = await storage.db('product_instances').where({ udi_serial_number: serialNumber })
      assert.deepEqual(
        instances.map(({ state, name }) => ({ state, name })),
        [{ state: 'REGISTERED', name: serialNumber }].map(each => ({ ...each, name: instances[0].name })),
        `crash at moment ${moment}`,
      )
      const [{ in_use: inUse }] = await storage.db('authorizations').where({ tag_id: lots.ids.ADVANTAGE })
      assert.equal(Number(inUse), 2, `crash at moment ${moment}`)
      assert.equal((await agentOf(kept, serialNumber, undefined).deregister()).result, 'done')
    }
    assert.ok(moment > 30, `only ${moment} moments were found`)
    const [row] = await storage.db('registration_tokens').sum({ uses: 'uses' })
    assert.equal(Number(row?.uses), moment - 1)
  })

  it('takes its leave once, at whichever moment it crashed', async () => {
    let moment = 1
    for (let crashed = true; crashed; moment++) {
      const kept = storeInMemory()
      const serialNumber = `LEAVE${moment}`
      const first = agentOf(kept, serialNumber, undefined)
      await first.register({ token: open.token })
      crashed = false
      await doomedAgent(kept, serialNumber, moment)
        .deregister()
        .catch(error => {
          if (!(error instanceof Crash)) throw error
          crashed = true
        })
      const outcome = crashed ? await first.deregister() : undefined
      assert.ok(outcome === undefined || outcome.result === 'done' || ('code' in outcome && outcome.code === 'NOT_REGISTERED'))
      assert.equal((await open.context.storage.db('product_instances').where({ udi_serial_number: serialNumber })).length, 0)
    }
    assert.ok(moment > 6, `only ${moment} moments were found`)
  })
})
