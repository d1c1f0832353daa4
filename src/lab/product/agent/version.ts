import type { ConnectInfo } from '../../../wire/envelope.ts'

/** The version of this agent. */
export const agentVersion = '1.0.0'

/** What an agent can do (2.2): it speaks for a pair, converts, verifies four tiers of certificates, and waits when it is asked to. */
export const usualCapabilities: readonly string[] = ['AppHA', 'DLC', 'MULTITIER', 'OK_TRY_AGAIN']

/** What the agent says about itself in each message. */
export const connectInfoOf = (capabilities: readonly string[]): ConnectInfo => ({
  name: 'product_agent',
  version: agentVersion,
  production: false,
  additional_info: '',
  capabilities: [...capabilities],
})
