import type { Knex } from 'knex'
import type { Db } from './db.ts'
import { runPrepared } from './prepared.ts'

/** Kinds of event, as the event log filters them. */
export type EventKind =
  | 'token created'
  | 'token revoked'
  | 'product instance registered'
  | 'product instance renewed'
  | 'product instance removed'
  | 'product instance expired'
  | 'usage changed'
  | 'out of compliance'
  | 'in compliance'
  | 'account requested'
  | 'account approved'
  | 'account rejected'
  | 'account registered'
  | 'account changed'
  | 'account deactivated'
  | 'account deleted'
  | 'synchronization'
  | 'conversion'
  | 'entitlements changed'
  | 'signed in'
  | 'sign-in refused'
  | 'settings changed'
  | 'release'
  | 'backup'
  | 'user changed'
  | 'api client changed'
  | 'local virtual account created'
  | 'local virtual account changed'
  | 'local virtual account deleted'
  | 'licenses transferred'
  | 'product instance transferred'
  | 'alert answered'

/** One line of an account's event log; `localAccountId` 0 is the server's own. `who`: a user, an API client, a product, or "the server". */
export type EventRecord = {
  localAccountId: number
  at: Date
  kind: EventKind
  message: string
  who: string
  source?: string | undefined
  localVirtualAccountId?: number | undefined
  productInstanceId?: string | undefined
  tagId?: number | undefined
  correlationId?: string | undefined
}

/** Writes events, in the transaction of what they tell of. */
export async function recordEvents(db: Db, events: EventRecord[]): Promise<void> {
  if (events.length === 0) return
  const column = <Name extends keyof EventRecord>(name: Name) => events.map(event => event[name] ?? null) as EventRecord[Name][]
  await runPrepared(
    db,
    `insert into events (local_account_id, at, kind, message, who, source, local_virtual_account_id, product_instance_id, tag_id, correlation_id)
     select * from unnest(?::integer[], ?::timestamptz[], ?::text[], ?::text[], ?::text[], ?::text[], ?::integer[], ?::uuid[], ?::integer[], ?::uuid[])`,
    (
      [
        'localAccountId',
        'at',
        'kind',
        'message',
        'who',
        'source',
        'localVirtualAccountId',
        'productInstanceId',
        'tagId',
        'correlationId',
      ] as const
    ).map(column) as Knex.RawBinding[],
  )
}

/** Writes one event. */
export const recordEvent = (db: Db, event: EventRecord): Promise<void> => recordEvents(db, [event])
