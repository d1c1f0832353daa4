import { serverVersion } from '../release.ts'
import type { ConnectInfo } from '../wire/envelope.ts'

/** What this server says of itself in every reply: its release, what it can do, and no more than that. */
export const connectInfo: ConnectInfo = {
  name: 'onprem',
  version: serverVersion,
  production: false,
  additional_info: '',
  capabilities: ['MULTITIER', 'OK_TRY_AGAIN'],
}
