import { randomBytes, randomUUID } from 'node:crypto'
import { serverVersion } from '../release.ts'
import type { LocalAccount } from '../rules/accounts.ts'
import { later } from '../rules/clock.ts'
import { requestLife } from '../rules/exchanges.ts'
import { FORMAT_VERSION } from '../wire/exchange/common.ts'

/** The members that every request has (wire-cloud 7.3), but for its place in the chain. */
export const requestMembers = (account: LocalAccount, serverUuid: string, now: Date) => ({
  format_version: FORMAT_VERSION,
  server_uuid: serverUuid,
  server_version: serverVersion,
  local_account_id: account.uuid,
  local_account_name: account.name,
  request_id: randomUUID(),
  nonce: randomBytes(16).toString('base64url'),
  created_at: now.getTime(),
  not_after: later(now, requestLife).getTime(),
})
