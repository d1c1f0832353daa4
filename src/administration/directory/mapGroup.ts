import type { Context } from '../../context.ts'
import { checkPattern, type GroupOrigin } from '../../rules/groupRoles.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import type { Person, RoleAssignment } from '../../rules/roles.ts'
import { recordEvent } from '../../storage/events.ts'
import { deleteGroupRole, insertGroupRole } from '../../storage/groupRoles.ts'

/** "Mapping rules": who is in a group of this name has a role in a place, from their next sign-in or confirmation on. Refuses a rule that is there. */
export async function mapGroup(
  context: Context,
  who: Person,
  wish: { origin: GroupOrigin; pattern: string; assignment: RoleAssignment },
): Promise<void> {
  const pattern = checkPattern(wish.pattern)
  const at = context.clock.now()
  await context.storage.transaction(async tx => {
    const isNew = await insertGroupRole(tx, { ...wish, pattern }, { at, who: who.name })
    refuseUnless(isNew, 'CONFLICT', 'There is this rule already.', 'pattern')
    const message = `The group ${pattern} now gives the role ${wish.assignment.role}.`
    await recordEvent(tx, { localAccountId: wish.assignment.localAccountId ?? 0, at, kind: 'settings changed', message, who: who.name })
  })
}

/** Takes a rule away and gives its pattern. Who has a role by it alone loses it at the next sign-in or confirmation. */
export async function unmapGroup(context: Context, who: Person, id: number): Promise<string> {
  const at = context.clock.now()
  return context.storage.transaction(async tx => {
    const rule = await deleteGroupRole(tx, id)
    refuseUnless(rule, 'NOT_FOUND', 'There is no such rule.')
    const message = `The group ${rule.pattern} no longer gives the role ${rule.assignment.role}.`
    await recordEvent(tx, { localAccountId: rule.assignment.localAccountId ?? 0, at, kind: 'settings changed', message, who: who.name })
    return rule.pattern
  })
}
