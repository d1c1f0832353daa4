import type { Context } from '../../context.ts'
import type { Person } from '../../rules/roles.ts'
import { readableSecurity, type SecuritySettings } from '../../rules/security.ts'
import { recordEvent } from '../../storage/events.ts'
import { findSecuritySettings, putSecuritySettings } from '../../storage/securitySettings.ts'

/** Changes what local sign-ins are held to, from now on and for sessions that are open, too. The trail has what was and what is. */
export async function changeSecurity(context: Context, who: Person, settings: SecuritySettings): Promise<void> {
  const at = context.clock.now()
  await context.storage.transaction(async tx => {
    const before = await findSecuritySettings(tx)
    await putSecuritySettings(tx, settings, { at, who: who.name })
    await recordEvent(tx, {
      localAccountId: 0,
      at,
      kind: 'settings changed',
      message: 'The rules for passwords, locks and sessions were changed.',
      who: who.name,
      change: { before: told(before), after: told(settings) },
    })
  })
}

const told = (settings: SecuritySettings) => ({ ...readableSecurity(settings), banner: settings.banner })
