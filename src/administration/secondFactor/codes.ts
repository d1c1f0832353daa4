import { randomInt } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'
import type { Context } from '../../context.ts'
import { plainCode, recoveryCodeCount } from '../../rules/secondFactor.ts'
import type { Db } from '../../storage/db.ts'
import { putRecoveryCodes, type SecondFactor, takeRecoveryCode, takeStep } from '../../storage/secondFactors.ts'

const issuer = 'Quartermaster'
const period = 30
const secretPurpose = 'second factor'
const recoveryPurpose = 'recovery code'

/** What every authenticator takes: SHA-1, six digits, thirty seconds (RFC 6238). */
const totp = (secret: Secret, label: string) => new TOTP({ issuer, label, secret, period, digits: 6, algorithm: 'SHA1' })

/** A new secret as the database keeps it: 160 bits, "the recommended length" (RFC 4226, 4). */
export const newSecret = ({ secrets }: Context): Buffer => secrets.seal(new Secret({ size: 20 }).base32, secretPurpose)

/** What an authenticator is given: the address within the picture, and the secret to type. */
export function enrolment(context: Context, { secret }: SecondFactor, username: string): { uri: string; secret: string } {
  const opened = openSecret(context, secret)
  return { uri: totp(opened, username).toString(), secret: opened.base32 }
}

const openSecret = ({ secrets }: Context, sealed: Buffer) => Secret.fromBase32(secrets.open(sealed, secretPurpose).toString('utf8'))

/**
 * Takes a code of the authenticator, within the transaction that holds the user's row: of this half minute or of one beside it ("at most one time
 * step", RFC 6238, 5.2), and each once. With `confirm` the factor is in force from then on.
 */
export async function takeCode(
  context: Context,
  tx: Db,
  userId: number,
  factor: SecondFactor,
  code: string,
  confirm = false,
): Promise<boolean> {
  const now = context.clock.now()
  const token = plainCode(code)
  if (!/^\d{6}$/.test(token)) return false
  const delta = totp(openSecret(context, factor.secret), '').validate({ token, timestamp: now.getTime(), window: 1 })
  if (delta === null) return false
  return takeStep(tx, userId, Math.floor(now.getTime() / 1000 / period) + delta, confirm ? now : undefined)
}

/** Uses up a recovery code. */
export const takeRecovery = ({ secrets }: Context, tx: Db, userId: number, code: string): Promise<boolean> =>
  takeRecoveryCode(tx, userId, secrets.keyedHash(plainCode(code), recoveryPurpose))

/** Makes recovery codes in the place of those before; they are shown once, and kept as keyed hashes. 49 bits each, of letters that nobody mistakes. */
export async function makeRecoveryCodes({ secrets }: Context, tx: Db, userId: number): Promise<string[]> {
  const codes = Array.from({ length: recoveryCodeCount }, () => readableCode(10))
  await putRecoveryCodes(
    tx,
    userId,
    codes.map(code => secrets.keyedHash(plainCode(code), recoveryPurpose)),
  )
  return codes
}

const letters = 'abcdefghjkmnpqrstuvwxyz23456789'

/** A code to be read and typed: so many letters, in groups of five. */
export const readableCode = (length: number): string =>
  Array.from({ length }, () => letters[randomInt(letters.length)])
    .join('')
    .replace(/.{5}(?=.)/g, '$&-')
