import type { FailedSignIns } from '../rules/lockout.ts'
import { type Preferences, usualPreferences } from '../rules/preferences.ts'
import type { Origin, Theme, User } from '../rules/users.ts'
import type { Db } from './db.ts'

/** A row of `users` as the database gives it. */
export type UserRow = {
  id: number
  username: string
  display_name: string
  email: string | null
  origin: Origin
  external_id: string | null
  confirmed_at: Date | null
  /** Null where somebody else knows the password. */
  password_hash: string | null
  password_changed_at: Date
  must_change_password: boolean
  disabled_at: Date | null
  failed_at: Date[]
  locked_until: Date | null
  failures_since_sign_in: number
  last_sign_in_at: Date | null
  created_at: Date
  theme: Theme
  /** What somebody chose; the rest is as it is for everybody. */
  preferences: Partial<Preferences>
  enabled_at: Date | null
}

/** The noun for a row; the password's hash stays behind. */
export const userFromRow = (row: UserRow): User => ({
  id: row.id,
  username: row.username,
  displayName: row.display_name,
  email: row.email,
  origin: row.origin,
  externalId: row.external_id,
  confirmedAt: row.confirmed_at,
  passwordChangedAt: row.password_changed_at,
  mustChangePassword: row.must_change_password,
  disabledAt: row.disabled_at,
  failedAt: row.failed_at,
  lockedUntil: row.locked_until,
  failuresSinceSignIn: row.failures_since_sign_in,
  lastSignInAt: row.last_sign_in_at,
  createdAt: row.created_at,
  theme: row.theme,
  preferences: { ...usualPreferences, ...row.preferences },
})

/** One user by the name to sign in with, whatever its capitals. */
export async function findUser(db: Db, username: string): Promise<User | undefined> {
  const row = await db<UserRow>('users').whereRaw('lower(username) = lower(?)', [username]).first()
  return row && userFromRow(row)
}

/** A user, and the hash of the password where this server knows it. */
export type Credentials = { user: User; passwordHash: string | undefined }

/** A user with the hash of the password, for whoever checks it. `lock` keeps the row until the transaction ends, so that attempts count one by one. */
export async function findCredentials(db: Db, username: string, lock = false): Promise<Credentials | undefined> {
  const query = db<UserRow>('users').whereRaw('lower(username) = lower(?)', [username]).first()
  const row = await (lock ? query.forUpdate() : query)
  return row && { user: userFromRow(row), passwordHash: row.password_hash ?? undefined }
}

/** Somebody of a directory or a provider by what it knows them by; the row is kept until the transaction ends. */
export async function findUserFrom(tx: Db, origin: Origin, externalId: string): Promise<User | undefined> {
  const row = await tx<UserRow>('users').where({ origin, external_id: externalId }).forUpdate().first()
  return row && userFromRow(row)
}

/** People of the directory who are signed in, or whose scripts are, and for whom it last vouched before a time; the longest ago first. */
export async function listUnconfirmed(db: Db, before: Date, limit: number): Promise<User[]> {
  const rows = await db<UserRow>('users')
    .where({ origin: 'directory', disabled_at: null })
    .where('confirmed_at', '<=', before)
    .whereRaw(
      '(exists (select from sessions s where s.user_id = users.id) or exists (select from api_tokens t where t.user_id = users.id))',
    )
    .orderBy('confirmed_at')
    .limit(limit)
  return rows.map(userFromRow)
}

/** How somebody likes their pages, locked until the transaction ends. */
export async function lockPreferences(tx: Db, id: number): Promise<Preferences> {
  const row = await tx<UserRow>('users').where({ id }).forUpdate().first('preferences')
  return { ...usualPreferences, ...row?.preferences }
}

/** Everybody, by name. */
export const listUsers = async (db: Db): Promise<User[]> => (await db<UserRow>('users').orderByRaw('lower(username)')).map(userFromRow)

export type NewUser = Pick<User, 'username' | 'username' | 'displayName' | 'email' | 'mustChangePassword' | 'createdAt'> & {
  passwordHash: string
}

/** Adds a user; undefined when the name is taken. */
export async function insertUser(db: Db, user: NewUser): Promise<User | undefined> {
  const [row] = await db<UserRow>('users')
    .insert({
      username: user.username,
      display_name: user.displayName,
      email: user.email,
      password_hash: user.passwordHash,
      password_changed_at: user.createdAt,
      must_change_password: user.mustChangePassword,
      created_at: user.createdAt,
    })
    .onConflict(db.raw('(lower(username))') as never)
    .ignore()
    .returning('*')
  return row && userFromRow(row)
}

export type VouchedUser = Pick<User, 'username' | 'displayName' | 'email'> & { origin: Exclude<Origin, 'local'>; externalId: string }

/** Adds somebody whose password a directory or a provider knows; undefined when the name is taken. */
export async function insertVouchedUser(db: Db, user: VouchedUser, at: Date): Promise<User | undefined> {
  const [row] = await db<UserRow>('users')
    .insert({
      username: user.username,
      display_name: user.displayName,
      email: user.email,
      origin: user.origin,
      external_id: user.externalId,
      confirmed_at: at,
      password_changed_at: at,
      created_at: at,
    })
    .onConflict(db.raw('(lower(username))') as never)
    .ignore()
    .returning('*')
  return row && userFromRow(row)
}

type Changes = Partial<
  FailedSignIns &
    Pick<
      User,
      | 'username'
      | 'disabledAt'
      | 'failuresSinceSignIn'
      | 'lastSignInAt'
      | 'theme'
      | 'preferences'
      | 'mustChangePassword'
      | 'displayName'
      | 'email'
      | 'externalId'
      | 'confirmedAt'
    >
> & {
  passwordHash?: string
  enabledAt?: Date
  passwordChangedAt?: Date
}

/** Changes what is named; null clears, absent leaves. */
export async function updateUser(db: Db, id: number, changes: Changes): Promise<void> {
  const row: Partial<UserRow> = {
    password_hash: changes.passwordHash,
    password_changed_at: changes.passwordChangedAt,
    must_change_password: changes.mustChangePassword,
    username: changes.username,
    display_name: changes.displayName,
    email: changes.email,
    external_id: changes.externalId,
    confirmed_at: changes.confirmedAt,
    disabled_at: changes.disabledAt,
    failed_at: changes.failedAt,
    locked_until: changes.lockedUntil,
    failures_since_sign_in: changes.failuresSinceSignIn,
    last_sign_in_at: changes.lastSignInAt,
    theme: changes.theme,
    preferences: changes.preferences,
    enabled_at: changes.enabledAt,
  }
  await db<UserRow>('users')
    .where({ id })
    .update(Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)))
}

/**
 * Disables whoever has a password here and has not signed in, been added or been let in again since a time, but never the last System Administrator:
 * of those who are left, the one who was here last. Their sessions have ended by then. Gives their names.
 */
export async function disableUsersAwaySince(db: Db, since: Date, now: Date): Promise<string[]> {
  const { rows } = await db.raw(
    `update users set disabled_at = :now
     where disabled_at is null and origin = 'local' and greatest(created_at, last_sign_in_at, enabled_at) < :since
       and id is distinct from (select u.id from users u where u.disabled_at is null
         and exists (select from role_assignments r where r.user_id = u.id and r.role = 'system-administrator')
         order by greatest(u.created_at, u.last_sign_in_at, u.enabled_at) desc, u.id limit 1)
     returning username`,
    { since, now },
  )
  return (rows as { username: string }[]).map(({ username }) => username)
}
