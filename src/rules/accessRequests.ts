import { refuseUnless } from './refusal.ts'
import type { Role } from './roles.ts'

/** The roles that are held in an account, the least first; those of the server are given in the Admin workspace. */
export const accountRoles = [
  'virtual-account-user',
  'virtual-account-administrator',
  'smart-account-user',
  'smart-account-administrator',
] as const
export type AccountRole = (typeof accountRoles)[number]

/** What each role is called where people read it. */
export const roleNames: Record<AccountRole, string> = {
  'virtual-account-user': 'Virtual Account user',
  'virtual-account-administrator': 'Virtual Account administrator',
  'smart-account-user': 'Smart Account user',
  'smart-account-administrator': 'Smart Account administrator',
}

/** Whether a role is held in a Local Virtual Account, and not in the account as a whole. */
export const isWithinPlace = (role: Role): boolean => role.startsWith('virtual-account-')

/** So many requests for access of one person may wait: whoever is signed in may ask, without a role. */
export const waitingAtMost = 10

/** What somebody asks for: a role in a Local Account, both by their names. `localVirtualAccount` is empty where the role is for the whole account. */
export type AccessWish = { account: string; role: AccountRole; localVirtualAccount: string; message: string }

/** Checks what is asked for, and gives it without the spaces around it. */
export function checkAccessWish({ account, role, localVirtualAccount, message }: AccessWish): AccessWish {
  const wish = { account: account.trim(), role, localVirtualAccount: localVirtualAccount.trim(), message: message.trim() }
  refuseUnless(
    wish.account.length >= 1 && wish.account.length <= 100,
    'INVALID',
    'Name the Local Account as its people know it.',
    'account',
  )
  refuseUnless(accountRoles.includes(role), 'INVALID', 'Choose a role.', 'role')
  refuseUnless(wish.localVirtualAccount.length <= 100, 'INVALID', 'Keep the name within 100 characters.', 'localVirtualAccount')
  refuseUnless(
    !isWithinPlace(role) || wish.localVirtualAccount !== '',
    'INVALID',
    'Name the Local Virtual Account that this role is for.',
    'localVirtualAccount',
  )
  refuseUnless(wish.message.length <= 2000, 'INVALID', 'Keep the message within 2,000 characters.', 'message')
  return isWithinPlace(role) ? wish : { ...wish, localVirtualAccount: '' }
}

/** A role and where it is held, as sentences name it: "Virtual Account user in Campus". */
export const roleInWords = (role: AccountRole, place: string | null | undefined): string => roleNames[role] + (place ? ` in ${place}` : '')

/** Why access is refused: whoever asked reads it. Gives it trimmed. */
export function checkAccessReason(reason: string): string {
  const words = reason.trim()
  refuseUnless(words.length > 0, 'INVALID', 'Say why: whoever asked for access reads it.', 'reason')
  refuseUnless(words.length <= 1000, 'INVALID', 'Keep the reason within 1,000 characters.', 'reason')
  return words
}
