import type { Context } from '../../context.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import type { Person } from '../../rules/roles.ts'
import { recordEvent } from '../../storage/events.ts'
import { deleteTrustedAuthority } from '../../storage/trustedAuthorities.ts'

/** Takes an authority out of the trust store and gives its name. It is not believed any more from the next connection on. */
export async function distrustAuthority(context: Context, who: Person, fingerprint: string): Promise<string> {
  const at = context.clock.now()
  return context.storage.transaction(async tx => {
    const name = await deleteTrustedAuthority(tx, fingerprint.replaceAll(':', '').toLowerCase())
    refuseUnless(name !== undefined, 'NOT_FOUND', 'There is no authority of this fingerprint in the trust store.')
    const message = `The authority ${name} was taken out of the trust store.`
    await recordEvent(tx, { localAccountId: 0, at, kind: 'settings changed', message, who: who.name })
    return name
  })
}
