import type { Context } from '../context.ts'
import type { Privacy } from '../rules/accounts.ts'
import type { Person } from '../rules/roles.ts'
import { recordEvent } from '../storage/events.ts'
import { getLocalAccount, updateLocalAccount } from '../storage/localAccounts.ts'
import { getServerPrivacy, putServerPrivacy } from '../storage/synchronizationSettings.ts'

function inWords(privacy: Privacy): string {
  const names = { hostname: 'hostnames', ip: 'IP addresses', mac: 'MAC addresses' }
  const withheld = Object.entries(names).filter(([each]) => privacy[each as keyof Privacy])
  return withheld.length === 0 ? 'nothing' : withheld.map(([, name]) => name).join(', ')
}

/** "Privacy, per account …: hostname, IP address, MAC address, each may be withheld." Null: as the server does. It holds from the next request on. */
export async function withholdFromCloud(
  context: Context,
  who: Person,
  { localAccountId, privacy }: { localAccountId: number; privacy: Privacy | null },
): Promise<void> {
  await context.storage.transaction(async tx => {
    const { name } = await getLocalAccount(tx, localAccountId)
    await updateLocalAccount(tx, localAccountId, { privacy: privacy ?? (await getServerPrivacy(tx)), privacyIsOwn: privacy !== null })
    await recordEvent(tx, {
      localAccountId,
      at: context.clock.now(),
      kind: 'settings changed',
      message: `${name} now withholds from the cloud ${privacy ? inWords(privacy) : 'what the server does'}.`,
      who: who.name,
    })
  })
}

/** "… and as a default for the server": for the accounts for which nobody has decided otherwise, now and in future. */
export async function withholdByDefault(context: Context, who: Person, privacy: Privacy): Promise<void> {
  const at = context.clock.now()
  await context.storage.transaction(async tx => {
    await putServerPrivacy(tx, privacy, { at, who: who.name })
    await recordEvent(tx, {
      localAccountId: 0,
      at,
      kind: 'settings changed',
      message: `Accounts without a decision of their own now withhold from the cloud ${inWords(privacy)}.`,
      who: who.name,
    })
  })
}
