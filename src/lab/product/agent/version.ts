import type { ConnectInfo } from '../../../wire/envelope.ts'

/** The version of this agent. */
export const agentVersion = '1.0.0'

/** What the agent says about itself in each message (2.2). */
export const connectInfo: ConnectInfo = {
  name: 'product_agent',
  version: agentVersion,
  production: false,
  additional_info: '',
  capabilities: ['AppHA', 'DLC', 'MULTITIER', 'OK_TRY_AGAIN'],
}
