import type { Act } from '../../src/rules/roles.ts'
import { accounts, allowed, servers } from '../support/allowed.ts'
import type { Member } from '../support/people.ts'

/** Whose ids an address has: one's own, those of the Local Virtual Account beside it, those of another account in one's own, all of another account. */
export const aims = ['own', 'neighbour', 'smuggled', 'other'] as const
export type Aim = (typeof aims)[number]

/** What has to be known of a route to say who may: where it is, whether it asks for all of an account, and what its address names there. */
export type Asked = {
  act: Act | 'oneself'
  where: 'none' | 'server' | 'account'
  whole: boolean
  /** What the address names within the account: something of a Local Virtual Account, of the account as a whole, or of a person. */
  names: 'nothing' | 'a thing' | 'an exchange' | 'a schedule'
}

/**
 * Whether somebody may, as product.md has it. What is not within an account has no aims; an address that names nothing is the same wherever it is
 * aimed at within one's own account, for what it asks for beside is narrowed to what is one's own.
 */
export function mayAsk(member: Member, { act, where, whole, names }: Asked, aim: Aim): boolean {
  if (!allowed[act].includes(member)) return false
  if (where !== 'account') return true
  if (aim === 'other') return servers.includes(member)
  if (whole && act !== 'see account' && !accounts.includes(member)) return false
  if (names === 'nothing') return true
  if (aim === 'smuggled') return false
  if (names === 'an exchange') return true
  if (names === 'a schedule') return allowed['manage account'].includes(member)
  return aim === 'own' || accounts.includes(member)
}

/** Whose things somebody may be told of. */
export function seesOf(member: Member): ('own' | 'neighbour' | 'other')[] {
  if (servers.includes(member)) return ['own', 'neighbour', 'other']
  if (accounts.includes(member)) return ['own', 'neighbour']
  return member === 'Nora' ? [] : ['own']
}
