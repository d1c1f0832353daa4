import { refuseUnless } from './refusal.ts'
import type { RoleAssignment } from './roles.ts'

/** Where groups come from. */
export const groupOrigins = ['directory', 'openid', 'saml'] as const
export type GroupOrigin = (typeof groupOrigins)[number]

/** A group that somebody is in: what people call it and, in a directory, its distinguished name. */
export type Group = { name: string; dn?: string }

/** Who is in a group that `pattern` names has a role in a place. */
export type GroupRole = { id: number; origin: GroupOrigin; pattern: string; assignment: RoleAssignment }

const mostStars = 3

/** The name of a group, as a rule has it: `*` stands for anything. Refuses one that would take in everybody, and what no group is called. */
export function checkPattern(pattern: string): string {
  const text = pattern.trim()
  refuseUnless(
    text.length >= 1 && text.length <= 1000,
    'INVALID',
    'Name a group, or its distinguished name; * stands for anything.',
    'pattern',
  )
  refuseUnless(text.split('*').length <= mostStars + 1, 'INVALID', `Use at most ${mostStars} stars.`, 'pattern')
  refuseUnless(/[^*\s]/.test(text), 'INVALID', 'This would be every group. Name at least a part of it.', 'pattern')
  return text
}

/** Whether a group is meant by a pattern. Directories know no capitals, and put spaces behind the commas of distinguished names or not. */
export function isMeant({ name, dn }: Group, pattern: string): boolean {
  const expression = new RegExp(`^${plain(pattern).split('*').map(literally).join('.*')}$`, 'su')
  return [name, dn ?? name].some(text => expression.test(plain(text)))
}

const plain = (text: string) =>
  text
    .normalize('NFC')
    .toLowerCase()
    .replace(/\s*,\s*/g, ',')
const literally = (text: string) => text.replace(/[\\^$.|?+()[\]{}]/g, '\\$&')

/** The roles that somebody's groups give them, each once. */
export function rolesOfGroups(groups: readonly Group[], rules: readonly GroupRole[]): RoleAssignment[] {
  const given = rules.filter(rule => groups.some(group => isMeant(group, rule.pattern)))
  return [...new Map(given.map(({ assignment }) => [JSON.stringify(assignment), assignment])).values()]
}
