import { isUuid } from '../../rules/identifiers.ts'
import type { InstanceDeed } from '../../rules/instanceBatches.ts'
import { rowChoices } from '../../rules/preferences.ts'
import { listChosenProductInstances } from '../../storage/pages/chosenProductInstances.ts'
import { listPlaces } from '../../storage/pages/places.ts'
import { paths } from '../paths.ts'
import { orNotice } from '../refusals.ts'
import { goTo, say, show } from '../render.ts'
import { type AccountVisit, field } from '../visit.ts'
import { carryOut } from './batches.ts'
import { scopeOf } from './list.ts'

const view = (name: string) => ({ page: `licensing/productInstances/${name}.njk`, fragment: `licensing/productInstances/_${name}.njk` })
/** Nobody ticks more than a page shows. */
const most = Math.max(...rowChoices)

/** The instances that were ticked: `id`, once or many times, of a query or a form. */
function readIds(values: Record<string, unknown> | undefined): string[] {
  const given = values?.id
  const all = Array.isArray(given) ? given : [given]
  return [...new Set(all.filter((id): id is string => typeof id === 'string' && isUuid(id)))].slice(0, most)
}

async function showChosen(visit: AccountVisit, name: string): Promise<void> {
  const db = visit.context.storage.pages
  const chosen = await listChosenProductInstances(db, scopeOf(visit), readIds(visit.request.query))
  const path = paths.licensing.productInstances(visit.account.uuid)
  if (chosen.length === 0) {
    await say(visit, { tone: 'danger', words: 'Tick the product instances in the list first.' })
    return goTo(visit, path)
  }
  const here = new Set(chosen.map(instance => instance.localVirtualAccountId))
  const places = await listPlaces(db, scopeOf(visit))
  const [only] = chosen
  const back = chosen.length === 1 ? paths.licensing.productInstance(visit.account.uuid, only!.id) : path
  const gone = readIds(visit.request.query).length - chosen.length
  show(visit, view(name), { chosen, gone, back, places: places.filter(({ id }) => here.size > 1 || !here.has(id)) })
}

/** Where the ticked instances shall go. */
export const instanceTransferPage = (visit: AccountVisit): Promise<void> => showChosen(visit, 'transfer')

/** Whether the ticked instances shall be removed. */
export const instanceRemovalPage = (visit: AccountVisit): Promise<void> => showChosen(visit, 'removals')

const submitted = (deed: InstanceDeed) => (visit: AccountVisit) => {
  const path = paths.licensing.productInstances(visit.account.uuid)
  return orNotice(visit, path, async () => {
    const ids = readIds(visit.request.body as Record<string, unknown>)
    const to = Number(field(visit, 'to'))
    const back = deed === 'transfer' && ids.length === 1 ? paths.licensing.productInstance(visit.account.uuid, ids[0]!) : path
    const wish = { localAccountId: visit.account.id, deed, chosen: { ids }, to: Number.isInteger(to) ? to : 0 }
    await carryOut(visit, wish, back)
  })
}

/** Somebody transfers the ticked instances. Which of them they may, and whether where to, the verb asks; whoever is gone is skipped. */
export const instanceTransferSubmitted = submitted('transfer')

/** Somebody removes the ticked instances. */
export const instanceRemovalSubmitted = submitted('removal')
