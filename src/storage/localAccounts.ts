import type { LocalAccount, LocalAccountState } from '../rules/accounts.ts'
import { refuseUnless } from '../rules/refusal.ts'
import type { Db } from './db.ts'
import { getServerPrivacy } from './synchronizationSettings.ts'

/** A row as it comes from the database. */
export type LocalAccountRow = {
  id: number
  uuid: string
  name: string
  state: LocalAccountState
  smart_account_id: string | null
  smart_account_name: string
  virtual_account_id: string | null
  virtual_account_name: string
  notification_email: string | null
  message: string | null
  requested_by: string
  requested_at: Date
  requester_id: number | null
  decided_at: Date | null
  decided_by: string | null
  decision_reason: string | null
  registered_at: Date | null
  last_synchronized_at: Date | null
  next_synchronization_at: Date | null
  sequence: number | null
  chain_hash: string | null
  withhold_hostname: boolean
  withhold_ip: boolean
  withhold_mac: boolean
  privacy_is_own: boolean
}

/** The noun out of its row. */
export const localAccountFrom = (row: LocalAccountRow): LocalAccount => ({
  id: row.id,
  uuid: row.uuid,
  name: row.name,
  state: row.state,
  smartAccount: { id: row.smart_account_id, name: row.smart_account_name },
  virtualAccount: { id: row.virtual_account_id, name: row.virtual_account_name },
  notificationEmail: row.notification_email,
  message: row.message,
  requestedBy: row.requested_by,
  requestedAt: row.requested_at,
  requesterId: row.requester_id,
  decidedAt: row.decided_at,
  decidedBy: row.decided_by,
  decisionReason: row.decision_reason,
  registeredAt: row.registered_at,
  lastSynchronizedAt: row.last_synchronized_at,
  nextSynchronizationAt: row.next_synchronization_at,
  sequence: row.sequence,
  chainHash: row.chain_hash,
  privacy: { hostname: row.withhold_hostname, ip: row.withhold_ip, mac: row.withhold_mac },
  privacyIsOwn: row.privacy_is_own,
})

/** The columns that a set of changes touches; what is absent stays as it is. */
function toRow(changes: Partial<LocalAccount>): Partial<LocalAccountRow> {
  const row: Partial<LocalAccountRow> = {
    uuid: changes.uuid,
    name: changes.name,
    state: changes.state,
    smart_account_id: changes.smartAccount?.id,
    smart_account_name: changes.smartAccount?.name,
    virtual_account_id: changes.virtualAccount?.id,
    virtual_account_name: changes.virtualAccount?.name,
    notification_email: changes.notificationEmail,
    message: changes.message,
    requested_by: changes.requestedBy,
    requested_at: changes.requestedAt,
    requester_id: changes.requesterId,
    decided_at: changes.decidedAt,
    decided_by: changes.decidedBy,
    decision_reason: changes.decisionReason,
    registered_at: changes.registeredAt,
    last_synchronized_at: changes.lastSynchronizedAt,
    next_synchronization_at: changes.nextSynchronizationAt,
    sequence: changes.sequence,
    chain_hash: changes.chainHash,
    withhold_hostname: changes.privacy?.hostname,
    withhold_ip: changes.privacy?.ip,
    withhold_mac: changes.privacy?.mac,
    privacy_is_own: changes.privacyIsOwn,
  }
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined))
}

const uuidShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Every Local Account, by name. */
export const listLocalAccounts = async (db: Db): Promise<LocalAccount[]> =>
  (await db<LocalAccountRow>('local_accounts').orderBy('name')).map(localAccountFrom)

/** One Local Account by its number; it is a refusal when there is none. */
export async function getLocalAccount(db: Db, id: number): Promise<LocalAccount> {
  const row = await db<LocalAccountRow>('local_accounts').where({ id }).first()
  refuseUnless(row, 'NOT_FOUND', 'There is no such Local Account.')
  return localAccountFrom(row)
}

/** One Local Account by the name it has in URLs; any other text finds nothing. */
export async function findLocalAccountByUuid(db: Db, uuid: string): Promise<LocalAccount | undefined> {
  if (!uuidShape.test(uuid)) return undefined
  const row = await db<LocalAccountRow>('local_accounts').where({ uuid }).first()
  return row && localAccountFrom(row)
}

/** One Local Account by its number, locked until the end of the transaction; it is a refusal when there is none. */
export async function lockLocalAccount(tx: Db, id: number): Promise<LocalAccount> {
  const row = await tx<LocalAccountRow>('local_accounts').where({ id }).forUpdate().first()
  refuseUnless(row, 'NOT_FOUND', 'There is no such Local Account.')
  return localAccountFrom(row)
}

/** One Local Account by its name, in whatever case. A rejected request has none any more. */
export async function findLocalAccountByName(db: Db, name: string): Promise<LocalAccount | undefined> {
  const row = await db<LocalAccountRow>('local_accounts').whereRaw("lower(name) = lower(?) and state <> 'rejected'", [name]).first()
  return row && localAccountFrom(row)
}

/** "`{account}` … are a name or an id": the name wins, so that an account named like another's id is still reached. */
export async function findLocalAccountByNameOrUuid(db: Db, text: string): Promise<LocalAccount | undefined> {
  return (await findLocalAccountByName(db, text)) ?? findLocalAccountByUuid(db, text)
}

/** The other account of this server that is linked to a Virtual Account, unless it has been deactivated. */
export async function findLinkedAccount(db: Db, virtualAccountId: string, exceptId: number): Promise<LocalAccount | undefined> {
  const row = await db<LocalAccountRow>('local_accounts')
    .where({ virtual_account_id: virtualAccountId })
    .whereNot({ state: 'inactive' })
    .whereNot({ id: exceptId })
    .first()
  return row && localAccountFrom(row)
}

/** What somebody has asked for, the newest first. */
export const listRequestsOf = async (db: Db, requesterId: number): Promise<LocalAccount[]> =>
  (await db<LocalAccountRow>('local_accounts').where({ requester_id: requesterId }).orderBy('id', 'desc').limit(50)).map(localAccountFrom)

/** How many requests of somebody wait to be decided or registered. */
export async function countOpenRequests(db: Db, requesterId: number): Promise<number> {
  const [row] = await db('local_accounts').where({ requester_id: requesterId }).whereIn('state', ['requested', 'approved']).count()
  return Number(row!.count)
}

/** Adds a Local Account; its number is the database's to give, and it withholds what the server does where nothing is said of that. */
export async function insertLocalAccount(
  db: Db,
  account: Pick<LocalAccount, 'uuid' | 'name' | 'state' | 'smartAccount' | 'virtualAccount' | 'requestedBy' | 'requestedAt'> &
    Partial<LocalAccount>,
): Promise<LocalAccount> {
  const [row] = await db<LocalAccountRow>('local_accounts')
    .insert(toRow({ privacy: await getServerPrivacy(db), ...account }))
    .returning('*')
  return localAccountFrom(row!)
}

/** Changes what is named; null clears, absent leaves. */
export async function updateLocalAccount(db: Db, id: number, changes: Partial<LocalAccount>): Promise<void> {
  await db<LocalAccountRow>('local_accounts').where({ id }).update(toRow(changes))
}
