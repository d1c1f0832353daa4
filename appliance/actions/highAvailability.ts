import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { Refusal, refuseUnless } from '../../src/rules/refusal.ts'
import type { Order } from '../ha/facts.ts'
import { giveOrder } from '../ha/orders.ts'
import { pairPlaces } from '../ha/places.ts'
import { readPairStatus } from '../ha/readStatus.ts'
import { action, profiles } from './action.ts'
import type { Machine } from './machine.ts'
import { deployPair } from './pairDeploy.ts'
import { handOut, handRelease } from './pairHandOut.ts'
import { generateKeys } from './pairKeys.ts'
import { provisionStandby } from './pairProvision.ts'
import { teardown } from './pairTeardown.ts'

const nothing = z.strictObject({})
const alone = 'This server is stand-alone.'

/** How long an operator's word may take to be obeyed. Milliseconds. */
const patience = 120_000

/** The pair as its agent tells it; refuses on a machine that stands alone, and where the agent does not run. */
function pairOf(machine: Machine) {
  const status = readPairStatus(pairPlaces(machine.folders).volatile, machine.now())
  refuseUnless(status, 'CONFLICT', alone)
  refuseUnless(status.isFresh, 'CONFLICT', 'The agent of the pair does not run. "restart high-availability" starts it again.')
  return status
}

/** Gives the agent a word and waits until it has said something of it. `isDone` is told the state; what is refused is passed on in its sentence. */
async function obey(machine: Machine, order: Order, isDone: (state: string) => boolean) {
  const before = pairOf(machine)
  const { volatile } = pairPlaces(machine.folders)
  giveOrder(volatile, order)
  machine.tell({ step: 'the agent has the word' })
  let said = before.sentence
  for (const deadline = performance.now() + patience; performance.now() < deadline; await pause(200)) {
    const { state, epoch, sentence } = pairOf(machine)
    if (sentence === said) continue
    said = sentence
    machine.tell({ step: sentence })
    if (sentence.includes('This node stays')) throw new Refusal('CONFLICT', sentence)
    if (isDone(state)) return { state, epoch, says: sentence }
  }
  throw new Refusal('CONFLICT', `The agent has not done it within ${patience / 1000} s. "ha_status" says what it is at.`)
}

export const haStatus = action({
  name: 'ha_status',
  subject: 'high availability',
  sentence: 'The state of the pair',
  input: nothing,
  profiles,
  callers: ['console', 'server'],
  anywhere: true,
  async run(_input, machine) {
    const status = readPairStatus(pairPlaces(machine.folders).volatile, machine.now())
    if (!status) return { role: 'stand-alone', says: alone }
    const { isFresh, sentence, ...rest } = status
    return { role: rest.state, says: isFresh ? sentence : `The agent does not run; last it said: ${sentence}`, ...rest }
  },
})

const switchover = action({
  name: 'ha_switchover',
  subject: 'high availability',
  sentence: 'Let the two servers of the pair change places; no message is lost',
  input: nothing,
  profiles,
  callers: ['console'],
  job: true,
  confirm: () => 'switchover',
  async run(_input, machine) {
    const { state, mode, peer } = pairOf(machine)
    refuseUnless(state === 'active', 'CONFLICT', `This node is ${state}: give the command on ${peer}, which is to be the active one.`)
    refuseUnless(mode === 'sync', 'CONFLICT', `${peer} is not in sync, so it cannot take over. "ha_status" says when it is.`)
    return obey(machine, 'switchover', now => now === 'standby')
  },
})

const goAlone = action({
  name: 'ha_go_alone',
  subject: 'high availability',
  sentence: 'Go on without the other server, which must be known to be down: what it has and this one has not is lost',
  input: nothing,
  profiles,
  callers: ['console'],
  confirm: () => 'alone',
  async run(_input, machine) {
    const { state, mode } = pairOf(machine)
    refuseUnless(
      ['held', 'isolated'].includes(state) || (state === 'active' && mode === 'sync'),
      'CONFLICT',
      `This node is ${state}${mode ? ` (${mode})` : ''}: there is nothing that waits for this word.`,
    )
    return obey(machine, 'go alone', now => now === 'active')
  },
})

const maintenance = action({
  name: 'ha_maintenance',
  subject: 'high availability',
  sentence: 'Take the standby out for maintenance, so that it does not take over, or let it in again',
  input: z.strictObject({ act: z.enum(['on', 'off']).describe('whether it is out') }),
  positionals: ['act'],
  profiles,
  callers: ['console'],
  async run({ act }, machine) {
    const { state } = pairOf(machine)
    const wanted = act === 'on' ? ['standby', 'held'] : ['maintenance']
    refuseUnless(wanted.includes(state), 'CONFLICT', `This node is ${state}, not ${wanted.join(' or ')}.`)
    return act === 'on'
      ? obey(machine, 'maintenance', now => now === 'maintenance')
      : obey(machine, 'end maintenance', now => now !== 'maintenance')
  },
})

export const pairDeeds = [generateKeys, provisionStandby, deployPair, switchover, goAlone, maintenance, teardown, handOut, handRelease]
