import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { haStatus, pairDeeds } from '../../../appliance/actions/highAvailability.ts'
import { takeOrder } from '../../../appliance/ha/orders.ts'
import { pairPlaces } from '../../../appliance/ha/places.ts'
import { perform, type RecordedMachine, recordedMachine } from '../../support/machine.ts'
import { until } from '../../support/until.ts'

const named = (name: string) => pairDeeds.find(each => each.name === name)!

describe('the console of a pair', () => {
  let machine: RecordedMachine
  let volatile: string

  beforeEach(() => {
    machine = recordedMachine()
    volatile = pairPlaces(machine.folders).volatile
  })
  afterEach(() => machine.remove())

  /** Lays down what an agent would say at this moment of the machine's clock. */
  function agentSays(given: object, at = machine.now()) {
    mkdirSync(volatile, { recursive: true })
    const said = {
      at: at.toISOString(),
      node: 'node-a',
      peer: 'node-b',
      epoch: 4,
      sentence: 'The standby has caught up.',
      history: [],
      ...given,
    }
    writeFileSync(join(volatile, 'status.json'), JSON.stringify(said))
  }

  it('says that a machine without an agent stands alone', async () => {
    assert.deepEqual(await perform(machine, haStatus), { role: 'stand-alone', says: 'This server is stand-alone.' })
    await assert.rejects(perform(machine, named('ha_switchover')), /stand-alone/)
  })

  it('shows what the agent says, and that it does not run when it has gone silent', async () => {
    agentSays({ state: 'active', mode: 'sync' })
    const { role, says } = (await perform(machine, haStatus)) as { role: string; says: string }
    assert.deepEqual([role, says], ['active', 'The standby has caught up.'])
    agentSays({ state: 'active', mode: 'sync' }, new Date(machine.now().getTime() - 60_000))
    assert.match(((await perform(machine, haStatus)) as { says: string }).says, /The agent does not run/)
    await assert.rejects(perform(machine, named('ha_switchover')), /restart high-availability/)
  })

  it('refuses a switchover on the standby, and one to a standby that is not in sync', async () => {
    agentSays({ state: 'standby', mode: 'sync' })
    await assert.rejects(perform(machine, named('ha_switchover')), /give the command on node-b/)
    agentSays({ state: 'active', mode: 'alone' })
    await assert.rejects(perform(machine, named('ha_switchover')), /not in sync/)
    assert.equal(takeOrder(volatile), undefined)
  })

  it('gives the word once, tells what the agent says, and ends when the nodes have changed places', async () => {
    agentSays({ state: 'active', mode: 'sync' })
    const answer = perform(machine, named('ha_switchover'))
    let order: string | undefined
    await until(() => {
      order ??= takeOrder(volatile)
      return order
    })
    assert.equal(order, 'switchover')
    agentSays({ state: 'rejoining', mode: null, sentence: 'The other node takes over.' })
    await until(() => machine.told.some(each => 'step' in each && each.step === 'The other node takes over.'))
    agentSays({ state: 'standby', mode: 'sync', epoch: 5, sentence: 'This node follows the active one.' })
    assert.deepEqual(await answer, { state: 'standby', epoch: 5, says: 'This node follows the active one.' })
    assert.equal(takeOrder(volatile), undefined)
  })

  it('passes on what the agent says no with', async () => {
    agentSays({ state: 'held', mode: null })
    const answer = perform(machine, named('ha_go_alone'))
    await until(() => takeOrder(volatile))
    agentSays({ state: 'held', mode: null, sentence: 'This node stays held: the witness did not give the epoch.' })
    await assert.rejects(answer, /the witness did not give the epoch/)
  })

  it('lets nobody go on alone who is well', async () => {
    agentSays({ state: 'active', mode: 'alone' })
    await assert.rejects(perform(machine, named('ha_go_alone')), /nothing that waits for this word/)
  })
})
