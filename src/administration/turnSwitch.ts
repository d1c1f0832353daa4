import type { Context } from '../context.ts'
import type { Person } from '../rules/roles.ts'
import { recordEvent } from '../storage/events.ts'
import { isOn, putSwitch, type Switch } from '../storage/switches.ts'

/** What the event log says of each. */
const words: Record<Switch, (on: boolean) => string> = {
  /** "Off until switched on" (api.md). */
  api: on => `The API was switched ${on ? 'on' : 'off'}.`,
  /** "ID tokens cross it readable" (wire-device 5.9). What is registered goes on as it is. */
  registrationTls: on => `Product instances ${on ? 'must register over TLS' : 'may register without TLS'}.`,
}

/** Turns something of the server on or off. Turning it to what it is changes nothing. */
export async function turnSwitch(context: Context, who: Person, which: Switch, on: boolean): Promise<void> {
  const at = context.clock.now()
  await context.storage.transaction(async tx => {
    if ((await isOn(tx, which)) === on) return
    await putSwitch(tx, which, on, { at, who: who.name })
    await recordEvent(tx, { localAccountId: 0, at, kind: 'settings changed', message: words[which](on), who: who.name })
  })
}
