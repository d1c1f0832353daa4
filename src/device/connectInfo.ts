import type { ConnectInfo } from '../wire/envelope.ts'

/** The version of this server as products are told it. */
export const serverVersion = '0.1'

/** What this server says of itself in every reply: what it can do, and no more than that. */
export const connectInfo: ConnectInfo = {
  name: 'onprem',
  version: serverVersion,
  production: false,
  additional_info: '',
  capabilities: ['MULTITIER', 'OK_TRY_AGAIN'],
}
