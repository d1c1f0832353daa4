import type { Context } from '../context.ts'
import type { Person } from '../rules/roles.ts'
import { recordEvent } from '../storage/events.ts'
import { isTlsRequiredForRegistration, putTlsRequiredForRegistration } from '../storage/registrationTransport.ts'

/**
 * Says whether products may register without TLS: "ID tokens cross it readable" (wire-device 5.9). What is registered goes on as it is. Setting it to
 * what it is changes nothing.
 */
export async function requireTlsForRegistration(context: Context, who: Person, isRequired: boolean): Promise<void> {
  const at = context.clock.now()
  await context.storage.transaction(async tx => {
    if ((await isTlsRequiredForRegistration(tx)) === isRequired) return
    await putTlsRequiredForRegistration(tx, isRequired, { at, who: who.name })
    await recordEvent(tx, {
      localAccountId: 0,
      at,
      kind: 'settings changed',
      message: `Product instances ${isRequired ? 'must register over TLS' : 'may register without TLS'}.`,
      who: who.name,
    })
  })
}
