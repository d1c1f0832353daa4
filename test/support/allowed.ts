import type { Act } from '../../src/rules/roles.ts'
import { cast, type Member } from './people.ts'

/** The members of the cast, and those of them who have the server, all of the account, and any role. */
export const everybody = Object.keys(cast) as Member[]
export const servers: Member[] = ['Ada', 'Otto']
export const accounts: Member[] = [...servers, 'Sofia', 'Sam']
export const withRole = everybody.filter(member => member !== 'Nora')

/** Who may do an act somewhere in the account of the cast, told from product.md and not from the rules. */
export const allowed: Record<Act | 'oneself', Member[]> = {
  oneself: everybody,
  'see server': servers,
  'run server': servers,
  'configure server': ['Ada'],
  'see account': withRole,
  'manage account': [...servers, 'Sofia'],
  'see licenses': withRole,
  'answer alerts': withRole,
  'transfer licenses': withRole,
  'remove instances': withRole,
  'manage tokens': withRole,
}
