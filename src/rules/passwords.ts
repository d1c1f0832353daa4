import { Refusal, refuseUnless } from './refusal.ts'

/** What a password must be. `minimumClasses` counts lower case, upper case, digits and everything else. */
export type PasswordPolicy = { minimumLength: number; minimumClasses: number; minimumChanged: number }

/** The standard profile: length rather than a mixture of signs, which people answer with "Password1!". */
export const standardPasswords: PasswordPolicy = { minimumLength: 12, minimumClasses: 1, minimumChanged: 4 }
/** The STIG profile: "15 characters, four classes, … 8 characters changed". */
export const stigPasswords: PasswordPolicy = { minimumLength: 15, minimumClasses: 4, minimumChanged: 8 }

/** Argon2 works through every byte it is given; nobody needs more than these. */
export const longestPassword = 256

/** The words that most guessed passwords are made of, with digits and signs taken away. */
const commonWords = new Set(
  (
    'password passwort passwords admin administrator root letmein welcome login changeme changeit secret master monkey dragon qwerty qwertz ' +
    'qwertyuiop qwertzuiop asdf asdfgh asdfghjkl zxcvbn zxcvbnm iloveyou football baseball superman batman princess sunshine shadow trustno ' +
    'default guest user test testing temp temporary access server network router switch license licence quartermaster company summer winter ' +
    'spring autumn january abc abcd abcdef abcdefgh abcdefghijkl monday hello internet computer'
  ).split(' '),
)

const lettersOf = (text: string) =>
  text
    .toLowerCase()
    .replaceAll('0', 'o')
    .replaceAll('@', 'a')
    .replaceAll('$', 's')
    .replaceAll('3', 'e')
    .replaceAll('!', 'i')
    .replaceAll('1', 'i')
    .replace(/[^\p{L}]/gu, '')

/** Whether a password is one that is guessed first: a common word with trimmings, one sign or a short piece over and over, a plain row of signs. */
export function isCommonPassword(password: string): boolean {
  const plain = password.toLowerCase().replace(/[^\p{L}]/gu, '')
  if ([plain, lettersOf(password)].some(letters => commonWords.has(letters) || commonWords.has(letters.replace(/i+$/, '')))) return true
  if (/^(.{1,4})\1+.{0,3}$/su.test(password)) return true
  return isRow(password)
}

/** "123456789012", "abcdefghijkl", "cba": each sign beside the one before it. */
function isRow(password: string): boolean {
  const codes = [...password].map(sign => sign.codePointAt(0)!)
  const steps = codes.slice(1).map((code, i) => code - codes[i]!)
  return steps.length > 0 && steps.filter(step => Math.abs(step) === 1 || step === -9).length >= steps.length - 1
}

const classes = [/\p{Ll}/u, /\p{Lu}/u, /\p{Nd}/u, /[^\p{Ll}\p{Lu}\p{Nd}]/u]

/** How many signs of `next` are not already in `former`, each sign of the former counted once. */
export function changedCharacters(former: string, next: string): number {
  const left = new Map<string, number>()
  for (const sign of former) left.set(sign, (left.get(sign) ?? 0) + 1)
  return [...next].filter(sign => {
    const count = left.get(sign) ?? 0
    left.set(sign, count - 1)
    return count <= 0
  }).length
}

/**
 * "15 characters, four classes, not in a list of common ones, not the user name, … 8 characters changed" (security.md, People), with the
 * numbers of `policy`. Refuses with the first rule that is broken; `former` is the password being replaced, where it is known.
 */
export function checkPassword(password: string, username: string, former?: string, policy: PasswordPolicy = standardPasswords): string {
  const say = (holds: boolean, sentence: string) => refuseUnless(holds, 'INVALID', sentence, 'password')
  say([...password].length >= policy.minimumLength, `Use at least ${policy.minimumLength} characters.`)
  say([...password].length <= longestPassword, `Use at most ${longestPassword} characters.`)
  say(
    classes.filter(one => one.test(password)).length >= policy.minimumClasses,
    `Mix at least ${policy.minimumClasses} of: small letters, capital letters, digits, other signs.`,
  )
  say(!containsName(password, username), 'Leave the user name out of the password.')
  say(!isCommonPassword(password), 'Choose something less common: this is one of the first that is tried.')
  if (former !== undefined)
    say(changedCharacters(former, password) >= policy.minimumChanged, `Change at least ${policy.minimumChanged} characters of the old one.`)
  return password
}

/** A name of one or two letters would be found in any password. */
const containsName = (password: string, username: string) => username.length >= 3 && password.toLowerCase().includes(username.toLowerCase())

/** How a policy is told to whoever has to choose. */
export const policyWords = ({ minimumLength, minimumClasses, minimumChanged }: PasswordPolicy): string =>
  `At least ${minimumLength} characters${minimumClasses > 1 ? `, of ${minimumClasses} kinds: small letters, capital letters, digits, other signs` : ''}` +
  `${minimumChanged > 0 ? `; at least ${minimumChanged} of them not in the present one` : ''}.`

/** The second typing of a new password. */
export function checkRepeated(password: string, repeated: string): void {
  if (password !== repeated) throw new Refusal('INVALID', 'The two are not the same.', 'repeated')
}
