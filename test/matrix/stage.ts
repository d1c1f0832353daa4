import { randomBytes, randomUUID } from 'node:crypto'
import { recountPurchased } from '../../src/licensing/settleAuthorizations.ts'
import type { LocalVirtualAccount } from '../../src/rules/accounts.ts'
import { mintIdentifier } from '../../src/rules/identifiers.ts'
import { raiseAlert } from '../../src/storage/alerts.ts'
import type { Db } from '../../src/storage/db.ts'
import { recordEvent } from '../../src/storage/events.ts'
import { endBatch, insertBatch } from '../../src/storage/instanceBatches.ts'
import { insertLocalVirtualAccount } from '../../src/storage/localVirtualAccounts.ts'
import { newToken, type RegisteredAccount, registeredAccount } from '../support/account.ts'
import { insertOnlyCertificate } from '../support/certificateRows.ts'
import type { TestContext } from '../support/context.ts'
import { insertLots } from '../support/lots.ts'

/** One of everything that a Local Virtual Account holds. Whatever can be named has `mark` in its name, so that it shows wherever it is told of. */
export type Things = {
  mark: string
  account: string
  place: LocalVirtualAccount
  tag: { id: number; name: string }
  token: string
  instance: string
  alert: string
  schedule: string
  exchange: string
  request: string
  batch: string
}

/** Where the matrix is walked: one's own Local Virtual Account, its neighbour in the same Local Account, and another Local Account. */
export type Stage = Record<'own' | 'neighbour' | 'other', Things>

/** Sets everything up, in the account where the cast works and in another one. `owner` is whose the scheduled reports are. */
export async function buildStage(context: TestContext, home: RegisteredAccount, owner: number): Promise<Stage> {
  const { db } = context.storage
  const beside = { localAccountId: home.account.id, isDefault: false, createdAt: context.clock.now() }
  const next = await insertLocalVirtualAccount(db, { ...beside, name: 'mark-neighbour place' })
  const other = await registeredAccount(context, { name: 'mark-other account' })
  await db('local_virtual_accounts').where({ id: other.place.id }).update({ name: 'mark-other place' })
  await giveCloudSignIns(context)
  return {
    own: await fill(context, home, 'mark-own', owner),
    neighbour: await fill(context, { account: home.account, place: next }, 'mark-neighbour', owner),
    other: await fill(context, { account: other.account, place: { ...other.place, name: 'mark-other place' } }, 'mark-other', owner),
  }
}

async function fill(context: TestContext, at: RegisteredAccount, mark: string, owner: number): Promise<Things> {
  const { db } = context.storage
  const where = { localAccountId: at.account.id, localVirtualAccountId: at.place.id }
  const lots = await insertLots(context, at, { [`${mark} license`]: 5 })
  const tag = { id: Object.values(lots.ids)[0]!, name: `${mark} license` }
  const { token } = await newToken(context, at)
  await db('registration_tokens')
    .where({ id: token.id })
    .update({ description: `${mark} token` })
  const instance = await insertInstance(context, where, `${mark}-router`, tag.id)
  const now = context.clock.now()
  const message = `${mark} is talked of.`
  const subject = `${at.place.id}/${tag.id}`
  await raiseAlert(db, { ...where, kind: 'insufficient licenses', subject, severity: 'major', source: mark, message, action: '', at: now })
  await recordEvent(db, {
    ...where,
    at: now,
    kind: 'token created',
    message,
    who: `${mark}-person`,
    tagId: tag.id,
    productInstanceId: instance,
  })
  await db.transaction(tx => recountPurchased(tx, at.account.id, now))
  return {
    ...{ mark, account: at.account.uuid, place: at.place, tag, token: token.id, instance },
    alert: await idOf(db, 'alerts', { local_account_id: at.account.id, kind: 'insufficient licenses', subject }),
    schedule: await insertSchedule(db, at.account.id, owner, now),
    exchange: await insertExchange(db, at.account.id, now),
    batch: await insertEndedBatch(db, where, owner, now),
    request: await insertRequest(db, at.account.id, owner, now, `${mark} asks.`),
  }
}

const idOf = async (db: Db, table: string, row: object): Promise<string> => String((await db(table).where(row).first('id')).id)

type Where = { localAccountId: number; localVirtualAccountId: number }

async function insertInstance(context: TestContext, where: Where, name: string, tagId: number): Promise<string> {
  const { db } = context.storage
  const now = context.clock.now()
  const id = mintIdentifier(where.localAccountId, now, randomBytes(16))
  const key = { local_account_id: where.localAccountId, product_instance_id: id }
  await db('product_instances').insert({
    ...{ local_account_id: where.localAccountId, id, local_virtual_account_id: where.localVirtualAccountId, state: 'REGISTERED' },
    ...{
      software_tag: 'regid.2020-01.com.example.router,1.0',
      product_type: 'Router',
      udi_key: name,
      udi_pid: 'ROUTER',
      name,
      hostname: name,
    },
    ...{ udi_serial_number: name, devices: '[]', export_controlled: false, registration_token_id: randomUUID() },
    ...{ registered_at: now, acknowledged_at: now },
  })
  await db('product_instance_contacts').insert({ ...key, last_contact_at: now, last_reported_at: now })
  await insertOnlyCertificate(db, { localAccountId: where.localAccountId, productInstanceId: id }, now)
  await db('usage').insert({ ...key, tag_id: tagId, version: '1.0', quantity: 2, since: now })
  await db('authorizations')
    .insert({
      local_account_id: where.localAccountId,
      local_virtual_account_id: where.localVirtualAccountId,
      tag_id: tagId,
      in_use: 2,
      instances: 1,
    })
    .onConflict(['local_account_id', 'local_virtual_account_id', 'tag_id'])
    .merge(['in_use', 'instances'])
  return id
}

async function insertSchedule(db: Db, localAccountId: number, userId: number, now: Date): Promise<string> {
  const wish = { report: 'licenses', file_kind: 'csv', recipients: ['somebody@example.com'], frequency: 'daily', hour: 1 }
  const [row] = await db('report_schedules')
    .insert({ ...wish, local_account_id: localAccountId, user_id: userId, next_at: now, created_at: now })
    .returning('id')
  return String(row.id)
}

async function insertExchange(db: Db, localAccountId: number, now: Date): Promise<string> {
  const said = {
    request_id: randomUUID(),
    nonce: 'x',
    request_hash: 'x',
    request: '{}',
    response: '{}',
    requested_by: 'ada',
    summary: '{}',
  }
  const [row] = await db('synchronizations')
    .insert({
      ...said,
      local_account_id: localAccountId,
      kind: 'standard',
      carrier: 'manual',
      reason: 'x',
      state: 'applied',
      sequence: 1,
      created_at: now,
      finished_at: now,
    })
    .onConflict()
    .ignore()
    .returning('id')
  return row ? String(row.id) : idOf(db, 'synchronizations', { local_account_id: localAccountId })
}

/** Something that was done to many product instances, by `userId`. */
async function insertEndedBatch(db: Db, where: Where, userId: number, now: Date): Promise<string> {
  const chosen = { filter: { states: [], text: '', silent: false }, place: where.localVirtualAccountId }
  const key = { localAccountId: where.localAccountId, deed: 'removal', toPlace: null, total: 1 } as const
  const id = await insertBatch(db, { ...key, userId, chosen, askedAt: now })
  await endBatch(db, { localAccountId: where.localAccountId, id }, { state: 'done', at: now })
  return String(id)
}

/** A request for access: one of a person waits in an account, whoever's Local Virtual Account it is set up for. */
async function insertRequest(db: Db, localAccountId: number, userId: number, now: Date, message: string): Promise<string> {
  const mine = { local_account_id: localAccountId, user_id: userId }
  const wish = { ...mine, role: 'smart-account-user', message, requested_at: now }
  await db('access_requests').insert(wish).onConflict().ignore()
  return idOf(db, 'access_requests', mine)
}

/** As whom each account signs in at the cloud, where it does not know. */
export async function giveCloudSignIns({ storage, secrets }: TestContext): Promise<void> {
  const secret = secrets.seal('a secret', 'cloud client secret')
  await storage.db.raw(
    `insert into cloud_credentials (local_account_id, client_id, client_secret, changed_at, changed_by)
     select id, 'a client', ?, now(), 'ada' from local_accounts on conflict do nothing`,
    [secret],
  )
}

/** All that somebody could have changed of what is on the stage, as one text. */
export async function stateOf(db: Db): Promise<string> {
  const { rows } = await db.raw(
    `select json_build_array(
       (select json_agg(i.* order by id) from (select id, local_virtual_account_id, state from product_instances) i),
       (select json_agg(t.* order by id) from (select id, local_virtual_account_id, description, revoked_at from registration_tokens) t),
       (select json_agg(a.* order by id) from (select id, remind_at, dismissed_at, answered_by from alerts) a),
       (select json_agg(p.* order by id) from (select id, name, description, is_public from local_virtual_accounts) p),
       (select json_agg(s.* order by license_id, local_virtual_account_id) from entitlement_shares s),
       (select json_agg(r.* order by id) from (select id from report_schedules) r),
       (select json_agg(q.* order by id) from (select id, decision from access_requests) q),
       (select json_agg(b.* order by id) from (select id, state from instance_batches) b),
       (select json_agg(g.* order by id) from (select id from role_assignments) g),
       (select json_agg(l.* order by id) from (select id, name, state from local_accounts) l),
       (select json_agg(y.* order by id) from (select id, state from synchronizations) y)
     )::text as state`,
  )
  return rows[0].state
}
