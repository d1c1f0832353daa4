import type { Db } from './db.ts'

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
  | 'entitlements changed'
  | 'signed in'
  | 'sign-in refused'
  | 'settings changed'
  | 'user changed'
  | 'api client changed'
  | 'local virtual account created'

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
  await db('events').insert(
    events.map(event => ({
      local_account_id: event.localAccountId,
      at: event.at,
      kind: event.kind,
      message: event.message,
      who: event.who,
      source: event.source ?? null,
      local_virtual_account_id: event.localVirtualAccountId ?? null,
      product_instance_id: event.productInstanceId ?? null,
      tag_id: event.tagId ?? null,
      correlation_id: event.correlationId ?? null,
    })),
  )
}

/** Writes one event. */
export const recordEvent = (db: Db, event: EventRecord): Promise<void> => recordEvents(db, [event])
