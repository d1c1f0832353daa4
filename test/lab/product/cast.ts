import { type Agent, type AgentOptions, createAgent } from '../../../src/lab/product/agent/agent.ts'
import { identityOf } from '../../../src/lab/product/agent/identity.ts'
import type { Outcome } from '../../../src/lab/product/agent/outcome.ts'

export const advantage = 'regid.2020-01.com.example.ADVANTAGE,1.0_00000000-0000-4000-8000-000000000001'
export const essentials = 'regid.2020-01.com.example.ESSENTIALS,1.0_00000000-0000-4000-8000-000000000002'

/** The router of the tests. */
export const router = identityOf({ pid: 'EX-R1000', serialNumber: 'FOX0000AAAA', hostname: 'edge-1' })

/** The router's agent, with its state in `state`. */
export const agentAt = (url: string, options: Omit<AgentOptions, 'url' | 'identity'> & Partial<AgentOptions>): Agent =>
  createAgent({ identity: router, random: () => 0.5, ...options, url })

/** What a deed that was done came to; throws for any other outcome. */
export async function done<T extends Outcome<unknown>>(deed: Promise<T>): Promise<Extract<T, { result: 'done' }>> {
  const outcome = await deed
  if (outcome.result !== 'done') throw new Error(`This was not done: ${JSON.stringify(outcome)}`)
  return outcome as Extract<T, { result: 'done' }>
}
