import type { RoleAssignment } from '../rules/roles.ts'
import type { SecuritySettings } from '../rules/security.ts'
import type { User } from '../rules/users.ts'
import { isShown } from './alerts.ts'
import type { Db } from './db.ts'
import { securityFromValue, securitySetting } from './securitySettings.ts'
import { type UserRow, userFromRow } from './users.ts'

/** What the next page says once. */
export type Notice = { tone: 'success' | 'info' | 'warning' | 'danger'; words: string; more?: string; id?: string }

/** A browser that somebody signed in with. The browser holds the identifier; the table holds its hash. */
export type Session = {
  idHash: Buffer
  /** What an administrator's page names it by. */
  number: number
  userId: number
  csrfToken: string
  createdAt: Date
  seenAt: Date
  address: string
  userAgent: string
  localAccountId: number | null
  notice: Notice | null
}

type Row = {
  id_hash: Buffer
  number: number
  user_id: number
  csrf_token: string
  session_created_at: Date
  seen_at: Date
  address: string
  user_agent: string
  local_account_id: number | null
  notice: Notice | null
}
type AssignmentRow = { role: RoleAssignment['role']; account: number | null; virtual: number | null }

type FoundRow = UserRow &
  Row & {
    assignments: AssignmentRow[]
    security: unknown
    has_second_factor: boolean
    alerts_of_account: number
    alerts_everywhere: number
  } & ({ account_uuid: string; account_name: string } | { account_uuid: null; account_name: null })

/** A session, who holds it, and what the masthead shows them: the account last looked at, and how many alerts are open. */
export type Holder = {
  session: Session
  user: User
  assignments: RoleAssignment[]
  lastAccount: { uuid: string; name: string } | undefined
  openAlerts: { account: number; everywhere: number }
  /** What sessions and passwords are held to at this moment. */
  security: SecuritySettings
  hasSecondFactor: boolean
}

const sessionFromRow = (row: Row): Session => ({
  idHash: row.id_hash,
  number: row.number,
  userId: row.user_id,
  csrfToken: row.csrf_token,
  createdAt: row.session_created_at,
  seenAt: row.seen_at,
  address: row.address,
  userAgent: row.user_agent,
  localAccountId: row.local_account_id,
  notice: row.notice,
})

const assignmentFromRow = ({ role, account, virtual }: AssignmentRow): RoleAssignment => ({
  role,
  ...(account === null ? {} : { localAccountId: account }),
  ...(virtual === null ? {} : { localVirtualAccountId: virtual }),
})

/**
 * Who holds a session, with all that decides what they may do and what the bell counts (up to a hundred: more is not read anyway). It is
 * asked for each page, so it is one question.
 */
export async function findSession(db: Db, idHash: Buffer, now: Date): Promise<Holder | undefined> {
  const { rows } = await db.raw(
    `select u.*, s.id_hash, s.number, s.user_id, s.csrf_token, s.created_at as session_created_at, s.seen_at, s.address, s.user_agent,
            s.local_account_id, s.notice, o.uuid as account_uuid, o.name as account_name,
            coalesce((select json_agg(json_build_object('role', r.role, 'account', r.local_account_id, 'virtual', r.local_virtual_account_id))
                      from role_assignments r where r.user_id = u.id), '[]') as assignments,
            (select count(*) from (select from alerts l where l.local_account_id = s.local_account_id and ${isShown} limit 100) l)
              as alerts_of_account,
            (select count(*) from (select from alerts l where ${isShown} limit 100) l) as alerts_everywhere,
            exists (select from second_factors f where f.user_id = u.id and f.confirmed_at is not null) as has_second_factor,
            (select value from settings where name = :security) as security
     from sessions s join users u on u.id = s.user_id left join local_accounts o on o.id = s.local_account_id
     where s.id_hash = :idHash and u.disabled_at is null`,
    { idHash, now, security: securitySetting },
  )
  const row = rows[0] as FoundRow | undefined
  return (
    row && {
      session: sessionFromRow(row),
      user: userFromRow(row),
      assignments: row.assignments.map(assignmentFromRow),
      lastAccount: row.account_uuid === null ? undefined : { uuid: row.account_uuid, name: row.account_name },
      openAlerts: { account: row.alerts_of_account, everywhere: row.alerts_everywhere },
      security: securityFromValue(row.security),
      hasSecondFactor: row.has_second_factor,
    }
  )
}

/** `providerToken`: sealed, what a sign-out at a provider begins with. */
export type NewSession = Omit<Session, 'localAccountId' | 'notice' | 'number'> & { providerToken?: Buffer | undefined }

/** Opens a session. */
export async function insertSession(db: Db, session: NewSession): Promise<void> {
  await db('sessions').insert({
    id_hash: session.idHash,
    user_id: session.userId,
    csrf_token: session.csrfToken,
    created_at: session.createdAt,
    seen_at: session.seenAt,
    address: session.address,
    user_agent: session.userAgent,
    provider_token: session.providerToken ?? null,
  })
}

/** Changes what is named; null clears, absent leaves. */
export async function updateSession(
  db: Db,
  idHash: Buffer,
  changes: { seenAt?: Date; localAccountId?: number | null; notice?: Notice | null },
): Promise<void> {
  const row = {
    seen_at: changes.seenAt,
    local_account_id: changes.localAccountId,
    notice: changes.notice ? JSON.stringify(changes.notice) : changes.notice,
  }
  await db('sessions')
    .where({ id_hash: idHash })
    .update(Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)))
}

/** Forgets the notice that was told. The next one, of whatever words, may have been left meanwhile, and stays. */
export async function forgetNotice(db: Db, idHash: Buffer, told: Notice): Promise<void> {
  await db.raw(`update sessions set notice = null where id_hash = ? and notice ->> 'id' is not distinct from ?::text`, [
    idHash,
    told.id ?? null,
  ])
}

/** Ends one session. */
export async function deleteSession(db: Db, idHash: Buffer): Promise<void> {
  await db('sessions').where({ id_hash: idHash }).delete()
}

/** Ends one session and gives its provider's token, where it has one. */
export async function takeSession(db: Db, idHash: Buffer): Promise<Buffer | undefined> {
  const [row] = await db('sessions').where({ id_hash: idHash }).delete().returning('provider_token')
  return row?.provider_token ?? undefined
}

/** Ends the session of this number. Gives the name of whoever held it; undefined where there is none. */
export async function deleteSessionNumbered(db: Db, number: number): Promise<string | undefined> {
  const { rows } = await db.raw('delete from sessions s using users u where u.id = s.user_id and s.number = ? returning u.username', [
    number,
  ])
  return rows[0]?.username
}

/** Ends all sessions of a user but one, and what waits for a code: "new id … at any change of rights", and a changed password sends everybody else away. */
export async function deleteSessionsOf(db: Db, userId: number, except?: Buffer): Promise<void> {
  await db('waiting_sign_ins').where({ user_id: userId }).delete()
  const query = db('sessions').where({ user_id: userId })
  await (except ? query.whereNot({ id_hash: except }) : query).delete()
}

/** Ends all sessions of people who come from somewhere, and what waits for their codes. */
export async function deleteSessionsFrom(db: Db, origin: User['origin']): Promise<void> {
  for (const table of ['sessions', 'waiting_sign_ins'])
    await db(table).whereIn('user_id', db('users').select('id').where({ origin })).delete()
}

/** Forgets sessions that were opened before a time, when they are too old for anybody. */
export async function deleteSessionsBefore(db: Db, openedBefore: Date): Promise<void> {
  await db('sessions').where('created_at', '<', openedBefore).delete()
}

/** Of a user's sessions, ends the ones seen longest ago beyond `most`. */
export async function pruneSessionsOf(db: Db, userId: number, most: number): Promise<void> {
  const beyond = db('sessions').select('id_hash').where({ user_id: userId }).orderBy('seen_at', 'desc').offset(most)
  await db('sessions').whereIn('id_hash', beyond).delete()
}
