import type { Context } from '../../context.ts'
import { isLockedOut } from '../../rules/lockout.ts'
import { Refusal, refuseUnless } from '../../rules/refusal.ts'
import { isAskedHere, needsSecondFactor } from '../../rules/secondFactor.ts'
import type { User } from '../../rules/users.ts'
import type { Db } from '../../storage/db.ts'
import { recordEvent } from '../../storage/events.ts'
import { listRolesOf } from '../../storage/roleAssignments.ts'
import { deleteSecondFactor, findSecondFactor, insertSecondFactor, type SecondFactor } from '../../storage/secondFactors.ts'
import { findSecuritySettings } from '../../storage/securitySettings.ts'
import { deleteSessionsOf } from '../../storage/sessions.ts'
import { findCredentials } from '../../storage/users.ts'
import { countFailure } from '../recogniseUser.ts'
import { makeRecoveryCodes, newSecret, takeCode, takeRecovery } from './codes.ts'

/** Begins with a second factor: a secret for an authenticator, which does not count before its first code. Refuses who has one, and whose password is asked for elsewhere. */
export async function beginSecondFactor(context: Context, user: User): Promise<void> {
  refuseUnless(isAskedHere(user), 'CONFLICT', 'You sign in at your provider: its second factor counts, and is set up there.')
  const isNew = await insertSecondFactor(context.storage.db, user.id, newSecret(context), context.clock.now())
  refuseUnless(isNew, 'CONFLICT', 'You have a second factor. Take it away first to set up another.')
}

/** Puts the second factor in force by its first code, and gives the recovery codes, which are shown this once. Every other session of theirs ends. */
export const confirmSecondFactor = (context: Context, user: User, session: Buffer, code: string): Promise<string[]> =>
  withCode(context, user, code, { confirm: true }, async tx => {
    await deleteSessionsOf(tx, user.id, session)
    await tell(context, tx, user, `${user.username} set up a second factor.`)
    return makeRecoveryCodes(context, tx, user.id)
  })

/** Gives new recovery codes to whoever has a code; those before are good for nothing any more. */
export const renewRecoveryCodes = (context: Context, user: User, code: string): Promise<string[]> =>
  withCode(context, user, code, { confirm: false }, async tx => {
    await tell(context, tx, user, `${user.username} made new recovery codes.`)
    return makeRecoveryCodes(context, tx, user.id)
  })

/** Takes one's own second factor away, with a code of it: with a recovery code where the device is lost. Refuses who has to have one. */
export async function removeSecondFactor(context: Context, user: User, code: string): Promise<void> {
  await withCode(context, user, code, { confirm: false }, async tx => {
    const { secondFactor } = await findSecuritySettings(tx)
    const isNeeded = needsSecondFactor(user, await listRolesOf(tx, user.id), secondFactor)
    refuseUnless(!isNeeded, 'CONFLICT', 'Your roles ask for a second factor. Ask an administrator if your device is lost.')
    await deleteSecondFactor(tx, user.id)
    await tell(context, tx, user, `${user.username} took the second factor away.`)
  })
}

/** Does something with one's own second factor for whoever has a code of it or, once it is in force, a recovery code. A wrong one counts as a failed sign-in, so that an open browser is no place to guess. */
async function withCode<T>(
  context: Context,
  user: User,
  code: string,
  { confirm }: { confirm: boolean },
  work: (tx: Db) => Promise<T>,
): Promise<T> {
  const done = await context.storage.transaction(async tx => {
    const now = context.clock.now()
    const current = (await findCredentials(tx, user.username, true))?.user
    const factor = await findSecondFactor(tx, user.id)
    refuseUnless(current && factor && isStage(factor, confirm), 'CONFLICT', 'This has changed in the meantime. Load the page again.')
    if (isLockedOut(current, now)) return undefined
    const isRight = await takeCode(context, tx, user.id, factor, code, confirm)
    if (isRight || (!confirm && (await takeRecovery(context, tx, user.id, code)))) return { result: await work(tx) }
    await countFailure(tx, current, now)
    return undefined
  })
  if (done) return done.result
  throw new Refusal('INVALID', wrong, 'code')
}

const isStage = ({ confirmedAt }: SecondFactor, confirm: boolean) => (confirmedAt === null) === confirm
const wrong =
  'This is not the code that your authenticator shows now, or it was used already. Wait for the next one; check the clock of the device.'

const tell = ({ clock }: Context, tx: Db, { username }: User, message: string) =>
  recordEvent(tx, { localAccountId: 0, at: clock.now(), kind: 'user changed', message, who: username })
