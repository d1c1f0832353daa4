import type { Context } from '../../context.ts'
import { checkOpenIdSettings, type OpenIdSettings } from '../../rules/openId.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import type { Person } from '../../rules/roles.ts'
import type { Db } from '../../storage/db.ts'
import { recordEvent } from '../../storage/events.ts'
import { findOpenId, putOpenId } from '../../storage/openIdSettings.ts'
import { deleteSessionsFrom } from '../../storage/sessions.ts'
import { openIdSecret } from './readOpenId.ts'

/** A provider as somebody wants it. Without a secret the one that is kept stays, as long as it is for the same client of the same provider. */
export type OpenIdWish = { settings: OpenIdSettings; secret: string }

/**
 * Says at which provider of OpenID Connect people may sign in beside the local users, or with null at none; then nobody of it stays signed in.
 * Refuses settings that cannot be used, and a client without a secret: what one provider was told is not shown to another.
 */
export async function setOpenId(context: Context, who: Person, wish: OpenIdWish | null): Promise<void> {
  const settings = wish && checkOpenIdSettings(wish.settings)
  const at = context.clock.now()
  await context.storage.transaction(async tx => {
    const before = await findOpenId(tx)
    const stored = settings && { settings, sealedSecret: await secretFor(context, tx, settings, wish!.secret) }
    await putOpenId(tx, stored, { at, who: who.name })
    if (before && before.settings.issuer !== settings?.issuer) await deleteSessionsFrom(tx, 'openid')
    const message = settings
      ? `People may now sign in with ${settings.name} (${settings.issuer}).`
      : 'People do not sign in at a provider of OpenID Connect any more.'
    const change = { before: before?.settings ?? null, after: settings }
    await recordEvent(tx, { localAccountId: 0, at, kind: 'settings changed', message, who: who.name, change })
  })
}

async function secretFor(context: Context, tx: Db, { issuer, clientId }: OpenIdSettings, secret: string): Promise<Buffer> {
  if (secret !== '') return context.secrets.seal(secret, openIdSecret)
  const kept = await findOpenId(tx)
  const isSame = kept && kept.settings.issuer === issuer && kept.settings.clientId === clientId
  refuseUnless(isSame, 'INVALID', `Give the secret of ${clientId} at this provider.`, 'secret')
  return kept.sealedSecret
}
