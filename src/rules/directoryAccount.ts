/** What a directory's entry says of an account beside names: attributes as they came, by their names in lower case. */
export type AccountMarks = Record<string, string[]>

/** Whether a directory lets an account in at this moment. */
export type AccountStanding = 'good' | 'disabled' | 'expired'

/** The attributes that are read for it. */
export const markAttributes = ['userAccountControl', 'accountExpires', 'pwdAccountLockedTime', 'shadowExpire', 'nsAccountLock'] as const

/** "ACCOUNTDISABLE 0x0002" (Microsoft, UserAccountControl). */
const disabledFlag = 2n
/** "A value of 0 or 0x7FFFFFFFFFFFFFFF indicates that the account never expires" (Microsoft, Account-Expires). */
const never = 0x7fff_ffff_ffff_ffffn
/** Active Directory counts 100 ns from 1601; between then and 1970 lie so many milliseconds. */
const from1601 = 11_644_473_600_000n
/** "If the user's account has been permanently locked, … the value of this attribute is 000001010000Z" (draft-behera-ldap-password-policy). */
const lockedForGood = '000001010000Z'

/** Whether an account is disabled or has expired by what its directory says: Active Directory, OpenLDAP's ppolicy and shadow, 389 DS and FreeIPA. */
export function accountStanding(marks: AccountMarks, now: Date): AccountStanding {
  const first = (name: string) => marks[name.toLowerCase()]?.[0]
  const control = whole(first('userAccountControl'))
  if (control !== undefined && (control & disabledFlag) !== 0n) return 'disabled'
  if (first('nsAccountLock')?.toLowerCase() === 'true' || first('pwdAccountLockedTime') === lockedForGood) return 'disabled'
  const expires = whole(first('accountExpires'))
  const ends = expires === undefined || expires === 0n || expires >= never ? undefined : expires / 10_000n - from1601
  if (ends !== undefined && BigInt(now.getTime()) >= ends) return 'expired'
  const days = whole(first('shadowExpire'))
  if (days !== undefined && days >= 0n && BigInt(now.getTime()) >= days * 86_400_000n) return 'expired'
  return 'good'
}

const whole = (text: string | undefined) => (text !== undefined && /^-?\d{1,19}$/.test(text) ? BigInt(text) : undefined)

/** What Active Directory means by the number in "data 52e" of a refused bind (Microsoft, LDAP bind errors). */
const activeDirectoryReasons: Record<string, string> = {
  '525': 'there is no such account',
  '52e': 'the password is wrong',
  '530': 'the account may not sign in at this hour',
  '531': 'the account may not sign in from here',
  '532': 'the password has expired',
  '533': 'the account is disabled',
  '701': 'the account has expired',
  '773': 'the password must be changed first',
  '775': 'the account is locked',
}

/** Why a directory refused a password, in words; it tells administrators, and nobody who signs in. */
export const bindReason = (message: string): string =>
  activeDirectoryReasons[/\bdata ([0-9a-f]{3})\b/i.exec(message)?.[1]?.toLowerCase() ?? ''] ??
  'the password is wrong, or the account is locked'
