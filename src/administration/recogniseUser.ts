import type { Context } from '../context.ts'
import { passwordMatches } from '../directory/localPasswords.ts'
import { afterFailedSignIn, isLockedOut, lockoutWords } from '../rules/lockout.ts'
import { Refusal } from '../rules/refusal.ts'
import type { User } from '../rules/users.ts'
import type { Db } from '../storage/db.ts'
import { recordEvent } from '../storage/events.ts'
import { findSecuritySettings } from '../storage/securitySettings.ts'
import { type Credentials, findCredentials, updateUser } from '../storage/users.ts'
import { admitPerson } from './directory/admitPerson.ts'
import { type Answer, askDirectory } from './directory/askDirectory.ts'

/** Somebody who says who they are, and from where. */
export type Claim = { username: string; password: string; address: string }

/**
 * Does `welcome` for somebody who knows the password, in the transaction that holds the user's row. "Local authentication is always there and is
 * asked first": a name that is not a local user's is asked of the directory. Refuses, in one sentence and after the same work, an unknown name, a
 * wrong password, a disabled user and a locked one. The password is compared before the row is locked, and what came of it is believed only if
 * the user is not locked out by then: of many guesses at once no more than three are answered.
 */
export async function recogniseUser<T extends object>(
  context: Context,
  claim: Claim,
  welcome: (tx: Db, user: User, now: Date) => Promise<T>,
): Promise<T> {
  const found = await findCredentials(context.storage.db, claim.username)
  const matches = await passwordMatches(found?.passwordHash, claim.password)
  const answer = await answerOfDirectory(context, claim, found)
  const welcomed = await withTrace(context, claim, answer, async tx => {
    const now = context.clock.now()
    const current = found && (await findCredentials(tx, found.user.username, true))
    const known = matches && current?.passwordHash === found?.passwordHash ? current?.user : undefined
    const user = answer && 'vouched' in answer ? await admitVouched(tx, answer, current?.user, now) : known
    if (!user || user.disabledAt || isLockedOut(user, now)) {
      await recordFailure(tx, claim, { user: user ?? current?.user ?? (await meant(tx, answer)), answer, now })
      return undefined
    }
    return welcome(tx, user, now)
  })
  if (welcomed) return welcomed
  const { lockout } = await findSecuritySettings(context.storage.db)
  const alas = answer && 'isOut' in answer && answer.isOut ? outage : ''
  throw new Refusal('NOT_SIGNED_IN', `The user name or the password is not right. ${lockoutWords(lockout)}${alas}`, 'username')
}

/** A transaction; what it refuses to somebody whom the directory vouches for is undone with it, and told all the same. */
async function withTrace<T>(context: Context, claim: Claim, answer: Answer | undefined, work: (tx: Db) => Promise<T>): Promise<T> {
  try {
    return await context.storage.transaction(work)
  } catch (error) {
    if (error instanceof Refusal && answer && 'vouched' in answer)
      await recordFailure(context.storage.db, claim, { user: undefined, answer: { reason: error.message }, now: context.clock.now() })
    throw error
  }
}

const outage = ' The directory does not answer at this moment: only local users can sign in.'

/** The directory is not asked about local users, nor about those who are locked out or disabled: their guesses would count there too. */
async function answerOfDirectory(context: Context, claim: Claim, found: Credentials | undefined): Promise<Answer | undefined> {
  if (found && (found.user.origin !== 'directory' || found.user.disabledAt || isLockedOut(found.user, context.clock.now())))
    return undefined
  return askDirectory(context, claim.username, claim.password)
}

/** Who the directory vouches for, as the user that they are here. Who was locked out meanwhile is nobody's guess any more. */
async function admitVouched(
  tx: Db,
  { vouched }: Extract<Answer, { vouched: unknown }>,
  known: User | undefined,
  now: Date,
): Promise<User | undefined> {
  return known && isLockedOut(known, now) ? undefined : admitPerson(tx, vouched, now)
}

/** Whom the directory took the name for: by whatever name somebody is guessed at, it counts as one. */
const meant = async (tx: Db, answer: Answer | undefined): Promise<User | undefined> =>
  answer && 'reason' in answer && answer.username ? (await findCredentials(tx, answer.username, true))?.user : undefined

type Failure = { user: User | undefined; answer: Answer | undefined; now: Date }

async function recordFailure(tx: Db, { username, address }: Claim, { user, answer, now }: Failure): Promise<void> {
  const isLocked = user !== undefined && isLockedOut(user, now)
  if (user && !isLocked && !user.disabledAt) await countFailure(tx, user, now)
  if (user) await updateUser(tx, user.id, { failuresSinceSignIn: user.failuresSinceSignIn + 1 })
  const why = answer && 'reason' in answer ? `A sign-in was refused: ${answer.reason.replace(/\.$/, '')}.` : 'A sign-in was refused.'
  await recordEvent(tx, {
    localAccountId: 0,
    at: now,
    kind: 'sign-in refused',
    message: isLocked ? 'A sign-in was refused: the user is locked.' : why,
    who: user?.username ?? username.slice(0, 64),
    source: address,
  })
}

/** One more failure of a user, held to the settings of this moment. */
export const countFailure = async (tx: Db, user: User, now: Date): Promise<void> =>
  updateUser(tx, user.id, afterFailedSignIn(user, now, (await findSecuritySettings(tx)).lockout))
