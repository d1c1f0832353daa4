import type { Knex } from 'knex'
import type { TrailRecord } from '../rules/trail.ts'
import { whoActs } from './acting.ts'
import type { Db } from './db.ts'
import { runPrepared } from './prepared.ts'
import { insertTrailRecords } from './trail.ts'

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
  | 'access requested'
  | 'access approved'
  | 'access refused'
  | 'access withdrawn'
  | 'report scheduled'

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
  /** What was before and what is now, for the trail alone. No secret stands in either. */
  change?: { before?: unknown; after?: unknown } | undefined
}

/** What goes into the trail whoever did it, also what falls due by itself: who may come in, and what the server is told to be. */
const alwaysTrailed: ReadonlySet<EventKind> = new Set([
  'signed in',
  'sign-in refused',
  'user changed',
  'settings changed',
  'api client changed',
])

/** Writes events, in the transaction of what they tell of; those of people, scripts and the console into the trail as well. */
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
  await recordInTrail(db, events)
}

async function recordInTrail(db: Db, events: EventRecord[]): Promise<void> {
  const actor = whoActs()
  const trailed = actor ? events : events.filter(({ kind }) => alwaysTrailed.has(kind))
  if (actor) actor.recorded += trailed.length
  await insertTrailRecords(
    db,
    trailed.map(
      (event): TrailRecord => ({
        at: event.at.toISOString(),
        who: event.who,
        actor: actor?.kind ?? 'server',
        source: event.source ?? actor?.source,
        correlationId: event.correlationId ?? actor?.correlationId,
        kind: event.kind,
        message: event.message,
        outcome: event.kind === 'sign-in refused' ? 'refused' : 'done',
        localAccountId: event.localAccountId,
        localVirtualAccountId: event.localVirtualAccountId,
        productInstanceId: event.productInstanceId,
        ...event.change,
      }),
    ),
  )
}

/** Writes one event. */
export const recordEvent = (db: Db, event: EventRecord): Promise<void> => recordEvents(db, [event])
