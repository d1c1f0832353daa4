import type { Context } from '../context.ts'
import type { Person } from '../rules/roles.ts'
import { isApiSwitchedOn, putApiSwitch } from '../storage/apiSwitch.ts'
import { recordEvent } from '../storage/events.ts'

/** Switches the API on or off for everybody: "Off until switched on" (api.md). Switching it to what it is changes nothing. */
export async function switchApi(context: Context, who: Person, switchedOn: boolean): Promise<void> {
  const at = context.clock.now()
  await context.storage.transaction(async tx => {
    if ((await isApiSwitchedOn(tx)) === switchedOn) return
    await putApiSwitch(tx, switchedOn, { at, who: who.name })
    await recordEvent(tx, {
      localAccountId: 0,
      at,
      kind: 'settings changed',
      message: `The API was switched ${switchedOn ? 'on' : 'off'}.`,
      who: who.name,
    })
  })
}
