import type { FailedSignIns } from '../rules/lockout.ts'
import type { Theme, User } from '../rules/users.ts'
import type { Db } from './db.ts'

/** A row of `users` as the database gives it. */
export type UserRow = {
  id: number
  username: string
  display_name: string
  email: string | null
  password_hash: string
  password_changed_at: Date
  must_change_password: boolean
  disabled_at: Date | null
  failed_at: Date[]
  locked_until: Date | null
  failures_since_sign_in: number
  last_sign_in_at: Date | null
  created_at: Date
  theme: Theme
}

/** The noun for a row; the password's hash stays behind. */
export const userFromRow = (row: UserRow): User => ({
  id: row.id,
  username: row.username,
  displayName: row.display_name,
  email: row.email,
  passwordChangedAt: row.password_changed_at,
  mustChangePassword: row.must_change_password,
  disabledAt: row.disabled_at,
  failedAt: row.failed_at,
  lockedUntil: row.locked_until,
  failuresSinceSignIn: row.failures_since_sign_in,
  lastSignInAt: row.last_sign_in_at,
  createdAt: row.created_at,
  theme: row.theme,
})

/** One user by the name to sign in with, whatever its capitals. */
export async function findUser(db: Db, username: string): Promise<User | undefined> {
  const row = await db<UserRow>('users').whereRaw('lower(username) = lower(?)', [username]).first()
  return row && userFromRow(row)
}

/** A user with the hash of the password, for whoever checks it. `lock` keeps the row until the transaction ends, so that attempts count one by one. */
export async function findCredentials(db: Db, username: string, lock = false): Promise<{ user: User; passwordHash: string } | undefined> {
  const query = db<UserRow>('users').whereRaw('lower(username) = lower(?)', [username]).first()
  const row = await (lock ? query.forUpdate() : query)
  return row && { user: userFromRow(row), passwordHash: row.password_hash }
}

/** Everybody, by name. */
export const listUsers = async (db: Db): Promise<User[]> => (await db<UserRow>('users').orderByRaw('lower(username)')).map(userFromRow)

export type NewUser = Pick<User, 'username' | 'displayName' | 'email' | 'mustChangePassword' | 'createdAt'> & { passwordHash: string }

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

type Changes = Partial<
  FailedSignIns & Pick<User, 'disabledAt' | 'failuresSinceSignIn' | 'lastSignInAt' | 'theme' | 'mustChangePassword'>
> & {
  passwordHash?: string
  passwordChangedAt?: Date
}

/** Changes what is named; null clears, absent leaves. */
export async function updateUser(db: Db, id: number, changes: Changes): Promise<void> {
  const row: Partial<UserRow> = {
    password_hash: changes.passwordHash,
    password_changed_at: changes.passwordChangedAt,
    must_change_password: changes.mustChangePassword,
    disabled_at: changes.disabledAt,
    failed_at: changes.failedAt,
    locked_until: changes.lockedUntil,
    failures_since_sign_in: changes.failuresSinceSignIn,
    last_sign_in_at: changes.lastSignInAt,
    theme: changes.theme,
  }
  await db<UserRow>('users')
    .where({ id })
    .update(Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)))
}
