import type { Context } from '../../context.ts'
import { checkMailSettings, type MailSettings } from '../../rules/mail.ts'
import type { Person } from '../../rules/roles.ts'
import { recordEvent } from '../../storage/events.ts'
import { findMailSettings, putMailSettings } from '../../storage/mailSettings.ts'
import { hurryMails } from '../../storage/mails.ts'
import { passwordPurpose } from './sendDueMails.ts'

/**
 * Says where mail goes out; null: none does. An absent password stays as it was, null takes it away. What waits is tried anew at once.
 */
export async function changeMailSettings(
  context: Context,
  who: Person,
  { settings, password }: { settings: MailSettings | null; password?: string | null },
): Promise<void> {
  if (settings) checkMailSettings(settings)
  const at = context.clock.now()
  await context.storage.transaction(async tx => {
    const former = (await findMailSettings(tx))?.sealedPassword ?? null
    const sealed = typeof password === 'string' ? context.secrets.seal(password, passwordPurpose) : password === null ? null : former
    await putMailSettings(tx, settings, settings ? sealed : null, { at, who: who.name })
    await hurryMails(tx, at)
    const message = settings ? `Mail now goes out by ${settings.host}:${settings.port} as ${settings.from}.` : 'No mail goes out any more.'
    await recordEvent(tx, { localAccountId: 0, at, kind: 'settings changed', message, who: who.name })
  })
}
