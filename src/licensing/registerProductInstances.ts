import type { Context } from '../context.ts'
import type { ProductInstance } from '../rules/productInstances.ts'
import { Refusal, refuseUnless } from '../rules/refusal.ts'
import type { RegistrationToken } from '../rules/tokens.ts'
import type { Db } from '../storage/db.ts'
import { recordEvents } from '../storage/events.ts'
import { findProductInstancesByUdi, insertProductInstances, lockDevices, type ProductKey } from '../storage/productInstances.ts'
import { claimTokenUses } from '../storage/registrationTokens.ts'
import { sudiKey } from '../wire/udi.ts'
import { answerTogether, type Receipt } from './answerOnce.ts'
import type { Identity, PreparedRegistration } from './prepareRegistration.ts'
import { replaceProductInstances } from './replaceProductInstances.ts'

/** A prepared registration, the message that asked for it, and how its reply is written. */
export type RegistrationOrder = { receipt: Receipt; prepared: PreparedRegistration; write(identity: Identity): string }

/**
 * Products that presented a token get their ID certificates: a group of them in one transaction. Gives the texts of their replies, each
 * remembered with its registration. All of them or none: refuses like one who came later whoever loses a race for a token's last use, or for
 * the same product, and fewer of the group must then be tried.
 */
export const registerProductInstances = (context: Context, orders: RegistrationOrder[]): Promise<string[]> =>
  answerTogether(
    context,
    orders.map(order => order.receipt),
    async tx => {
      await enterRegistrations(
        tx,
        orders.map(order => order.prepared),
      )
      return orders.map(order => order.write(order.prepared.identity))
    },
  )

/** "No certificate leaves without its row": enters instances, certificates, events and uses of tokens. A token's row, which many may want, comes last. */
export async function enterRegistrations(tx: Db, registrations: PreparedRegistration[]): Promise<void> {
  const fresh = registrations.filter(({ replaces }) => replaces === 'nothing')
  await refuseUnlessNew(tx, fresh)
  const [entered] = await Promise.all([
    insertProductInstances(
      tx,
      fresh.map(({ identity: { instance, certificate } }) => ({ instance, certificate })),
    ),
    recordEvents(tx, registrations.map(eventOf)),
  ])
  refuseUnless(entered === fresh.length, 'ALREADY_REGISTERED', 'The product has already been registered.', 'sudi')
  await replaceProductInstances(
    tx,
    registrations
      .filter(({ replaces }) => replaces !== 'nothing')
      .map(({ identity: { instance, certificate }, replaces }) => ({ instance, certificate, ended: replaces === 'ended' })),
  )
  for (const [token, uses] of usesByToken(registrations)) {
    if (!(await claimTokenUses(tx, token.localAccountId, token.id, uses))) throw lostRace(token)
  }
}

/**
 * A pair is known by any of its devices, and the key of the table holds its active one alone: of two that come at the same moment with exchanged
 * roles the second is refused here, like any product that lost the race for its own row.
 */
async function refuseUnlessNew(tx: Db, fresh: PreparedRegistration[]): Promise<void> {
  const pairs = fresh.map(({ identity }) => keyOf(identity.instance)).filter(({ udiKeys }) => udiKeys.length > 1)
  if (pairs.length === 0) return
  const [, found] = await Promise.all([lockDevices(tx, pairs), findProductInstancesByUdi(tx, pairs)])
  const isShared = fresh.some(({ identity: { instance } }) =>
    pairs.some(pair => pair.udiKeys[0] !== instance.udiKey && names(pair, instance)),
  )
  refuseUnless(!isShared && found.every(one => one === undefined), 'ALREADY_REGISTERED', 'The product has already been registered.', 'sudi')
}

const keyOf = (instance: ProductInstance): ProductKey => ({
  localAccountId: instance.localAccountId,
  softwareTag: instance.softwareTag,
  udiKeys: [instance.udiKey, ...instance.devices.map(device => sudiKey(device.sudi)).filter(key => key !== instance.udiKey)],
})

/** Whether the active device of an instance stands in the list of a pair. */
const names = (pair: ProductKey, { localAccountId, softwareTag, udiKey }: ProductInstance): boolean =>
  pair.localAccountId === localAccountId && pair.softwareTag === softwareTag && pair.udiKeys.includes(udiKey)

const eventOf = ({ identity: { instance, issuedAt }, replaces }: PreparedRegistration) => ({
  localAccountId: instance.localAccountId,
  localVirtualAccountId: instance.localVirtualAccountId,
  productInstanceId: instance.id,
  at: issuedAt,
  kind: 'product instance registered' as const,
  message: `${instance.name} (${instance.productType}) ${replaces === 'nothing' ? 'registered' : 'registered again'}.`,
  who: instance.name,
})

/** How often each token is used, in the order of their identifiers, so that two groups never wait for each other. */
function usesByToken(registrations: PreparedRegistration[]): [RegistrationToken, number][] {
  const groups = Map.groupBy(registrations, ({ token }) => token.id)
  return [...groups.values()]
    .map((group): [RegistrationToken, number] => [group[0]!.token, group.length])
    .sort(([a], [b]) => (a.id < b.id ? -1 : 1))
}

const lostRace = (token: RegistrationToken): Refusal =>
  token.maximumUses === null
    ? new Refusal('TOKEN_INVALID', 'The token is not valid.', 'token')
    : new Refusal('TOKEN_USAGE_EXCEEDED', 'The token has reached its maximum number of uses.', 'token')
