import { removeProductInstance } from '../../licensing/removeProductInstance.ts'
import { isUuid } from '../../rules/identifiers.ts'
import { authorizationEndsAt, authorizationRenewsAt, contactStanding } from '../../rules/lifetimes.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import { findProductInstanceDetail, type ProductInstanceDetail } from '../../storage/pages/productInstanceDetail.ts'
import { findProductInstance } from '../../storage/productInstances.ts'
import { paths } from '../paths.ts'
import { goTo, say, show } from '../render.ts'
import type { PlaceRule } from '../route.ts'
import { type AccountVisit, parameter } from '../visit.ts'
import { eventTones } from './eventKinds.ts'
import { scopeOf } from './list.ts'

const view = { page: 'licensing/productInstances/instance.njk', fragment: 'licensing/productInstances/_instance.njk' }
const removalView = { page: 'licensing/productInstances/removal.njk', fragment: 'licensing/productInstances/_removal.njk' }

/** Where the instance in the path stands. */
export const placeOfInstance: PlaceRule = async visit => {
  const { context, account } = visit
  const id = parameter(visit, 'instance')
  const instance = isUuid(id) ? await findProductInstance(context.storage.pages, account.id, id) : undefined
  refuseUnless(instance, 'NOT_FOUND', 'There is no such product instance.')
  return { localAccountId: account.id, localVirtualAccountId: instance.localVirtualAccountId }
}

async function getDetail(visit: AccountVisit): Promise<ProductInstanceDetail> {
  const id = parameter(visit, 'instance')
  const found = isUuid(id) ? await findProductInstanceDetail(visit.context.storage.pages, scopeOf(visit), id) : undefined
  refuseUnless(found, 'NOT_FOUND', 'There is no such product instance. It may have been removed.')
  return found
}

/** One product instance: overview, licenses, certificates, latest events. */
export async function productInstancePage(visit: AccountVisit): Promise<void> {
  const instance = await getDetail(visit)
  const reported = instance.lastReportedAt
  const short = instance.licenses.some(license => license.outOfComplianceSince)
  show(visit, view, {
    instance,
    short,
    contact: contactStanding(reported ?? undefined, instance.registeredAt, visit.now),
    nextContactAt: instance.state === 'EXPIRED' ? null : authorizationRenewsAt(reported ?? instance.registeredAt, short),
    authorizationEndsAt: authorizationEndsAt(reported ?? instance.registeredAt),
    eventTones,
    now: visit.now,
  })
}

/** What a removal does, and the question whether to. */
export async function removalPage(visit: AccountVisit): Promise<void> {
  show(visit, removalView, { instance: await getDetail(visit) })
}

/** An administrator removes a product instance. */
export async function removalSubmitted(visit: AccountVisit): Promise<void> {
  const instance = await getDetail(visit)
  await removeProductInstance(visit.context, visit.person, { localAccountId: visit.account.id, id: instance.id })
  await say(visit, { tone: 'success', words: `${instance.name} was removed, and its licenses are free.` })
  goTo(visit, paths.licensing.productInstances(visit.account.uuid))
}
