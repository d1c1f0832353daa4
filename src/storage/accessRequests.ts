import type { AccountRole } from '../rules/accessRequests.ts'
import { refuseUnless } from '../rules/refusal.ts'
import type { Db } from './db.ts'

/** What has become of a request; null while it waits. */
export type AccessDecision = 'approved' | 'refused' | 'withdrawn'

/** Somebody's request for a role in a Local Account. */
export type AccessRequest = {
  id: number
  localAccountId: number
  /** The account's name, and its name in addresses. */
  account: string
  uuid: string
  userId: number
  username: string
  displayName: string
  email: string | null
  role: AccountRole
  /** As it was typed; empty for the whole account. */
  localVirtualAccount: string
  message: string
  requestedAt: Date
  decision: AccessDecision | null
  decidedAt: Date | null
  decidedBy: string | null
  reason: string | null
}

/** A request with who asked for it and where; its conditions are the caller's, on the aliases `a`, `u` and `l`. */
export const accessRequest = `select a.id, a.local_account_id as "localAccountId", l.name as account, l.uuid, a.user_id as "userId", u.username,
    u.display_name as "displayName", u.email, a.role, a.local_virtual_account as "localVirtualAccount", a.message,
    a.requested_at as "requestedAt", a.decision, a.decided_at as "decidedAt", a.decided_by as "decidedBy", a.reason
  from access_requests a join users u on u.id = a.user_id join local_accounts l on l.id = a.local_account_id`

type NewAccessRequest = Pick<AccessRequest, 'localAccountId' | 'userId' | 'role' | 'localVirtualAccount' | 'message' | 'requestedAt'>

/** Adds a request; undefined when one of this person waits in this account already. Gives its number. */
export async function insertAccessRequest(db: Db, request: NewAccessRequest): Promise<number | undefined> {
  const { rows } = await db.raw(
    `insert into access_requests (local_account_id, user_id, role, local_virtual_account, message, requested_at)
     values (:localAccountId, :userId, :role, :localVirtualAccount, :message, :requestedAt)
     on conflict (local_account_id, user_id) where decision is null do nothing returning id`,
    request,
  )
  return rows[0]?.id
}

/** One request of an account, locked until the transaction ends; it is a refusal when there is none, or when it has been decided. */
export async function lockWaitingAccessRequest(tx: Db, localAccountId: number, id: number): Promise<AccessRequest> {
  const { rows } = await tx.raw(`${accessRequest} where a.local_account_id = ? and a.id = ? for update of a`, [localAccountId, id])
  const request: AccessRequest | undefined = rows[0]
  refuseUnless(request, 'NOT_FOUND', 'There is no such request.')
  refuseUnless(request.decision === null, 'CONFLICT', 'This request has been decided, or taken back, in the meantime.')
  return request
}

/** One request of an account that waits; undefined when there is none. */
export async function findWaitingAccessRequest(db: Db, localAccountId: number, id: number): Promise<AccessRequest | undefined> {
  const { rows } = await db.raw(`${accessRequest} where a.local_account_id = ? and a.id = ? and a.decision is null`, [localAccountId, id])
  return rows[0]
}

/** Writes down what became of a request. */
export async function decideAccessRequest(
  tx: Db,
  { localAccountId, id }: Pick<AccessRequest, 'localAccountId' | 'id'>,
  { decision, at, by, reason }: { decision: AccessDecision; at: Date; by: string; reason: string | null },
): Promise<void> {
  await tx('access_requests').where({ local_account_id: localAccountId, id }).update({ decision, decided_at: at, decided_by: by, reason })
}

/** How many requests of somebody wait. */
export async function countWaitingAccessRequests(db: Db, userId: number): Promise<number> {
  const row = await db('access_requests').where({ user_id: userId }).whereNull('decision').count({ count: '*' }).first()
  return Number(row?.count ?? 0)
}

/** What somebody has asked for, the newest first. */
export async function listAccessRequestsOf(db: Db, userId: number): Promise<AccessRequest[]> {
  const { rows } = await db.raw(`${accessRequest} where a.user_id = ? order by a.id desc limit 50`, [userId])
  return rows
}

/** The e-mail addresses of those who decide about access to an account, as far as they have given one. */
export async function listDecidersAddresses(db: Db, localAccountId: number): Promise<string[]> {
  const rows = await db('role_assignments as r')
    .join('users as u', 'u.id', 'r.user_id')
    .where({ role: 'smart-account-administrator', local_account_id: localAccountId })
    .whereNull('u.disabled_at')
    .whereNotNull('u.email')
    .distinct('u.email')
    .orderBy('u.email')
    .limit(50)
  return rows.map(row => row.email)
}
