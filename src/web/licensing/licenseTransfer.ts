import { transferLicenses } from '../../licensing/transferLicenses.ts'
import { Refusal, refuseUnless } from '../../rules/refusal.ts'
import { counted } from '../../rules/words.ts'
import { type LicenseHolding, listLicenseHoldings } from '../../storage/pages/licenseHoldings.ts'
import { listPlaces, type PlaceName } from '../../storage/pages/places.ts'
import { paths } from '../paths.ts'
import { goTo, say, show } from '../render.ts'
import { type AccountVisit, queried } from '../visit.ts'
import { addressOf, scopeOf } from './list.ts'

const view = (name: string) => ({ page: `licensing/licenseTransfer/${name}.njk`, fragment: `licensing/licenseTransfer/${name}.njk` })

/** Where a transfer goes, and how many of which tag, as the form asks for it: `from`, `to`, and `q` with the tag's number. */
type Wish = { from: PlaceName | undefined; to: PlaceName | undefined; quantities: Map<number, string>; places: PlaceName[] }

const quantityField = /^q([1-9]\d{0,8})$/

function readWish(values: Record<string, unknown>, places: PlaceName[]): Wish {
  const quantities = Object.entries(values).flatMap(([name, value]): [number, string][] => {
    const tagId = quantityField.exec(name)?.[1]
    return tagId && typeof value === 'string' && value.trim() !== '' && value.trim() !== '0' ? [[Number(tagId), value.trim()]] : []
  })
  const placeOf = (name: string) => places.find(({ id }) => String(id) === values[name])
  return { from: placeOf('from'), to: placeOf('to'), quantities: new Map(quantities), places }
}

const placesOf = (visit: AccountVisit) => listPlaces(visit.context.storage.pages, scopeOf(visit))

const asked = ({ from, to, quantities }: Wish) => ({
  from: String(from?.id ?? ''),
  to: String(to?.id ?? ''),
  ...Object.fromEntries([...quantities].map(([tagId, quantity]) => [`q${tagId}`, quantity])),
})

/** From where to where, and how many of what: the first step. */
export async function transferPage(visit: AccountVisit): Promise<void> {
  const places = await placesOf(visit)
  const wish = readWish(visit.request.query, places)
  const from = wish.from ?? places[0]
  const to = wish.to && wish.to !== from ? wish.to : places.find(place => place !== from)
  const licenses = from && to ? await listLicenseHoldings(visit.context.storage.pages, scopeOf(visit), { from: from.id, to: to.id }) : []
  show(visit, view('index'), {
    ...{ places, from, to, licenses },
    quantities: Object.fromEntries(wish.quantities),
    complaint: queried(visit, 'complaint') === 'nothing' ? 'Say how many of at least one license.' : undefined,
  })
}

/** A license of a transfer, with what both sides have before and after. */
type Step = LicenseHolding & { quantity: number }

/** What the transfer would do: the second step. Nothing is changed by looking at it. */
export async function transferReviewPage(visit: AccountVisit): Promise<void> {
  const wish = readWish(visit.request.query, await placesOf(visit))
  const { from, to } = wish
  const path = paths.licensing.licenseTransfer(visit.account.uuid)
  if (!from || !to || from === to) return goTo(visit, addressOf(path, asked(wish)))
  if (wish.quantities.size === 0) return goTo(visit, addressOf(path, { ...asked(wish), complaint: 'nothing' }))
  const tagIds = [...wish.quantities.keys()]
  const holdings = await listLicenseHoldings(visit.context.storage.pages, scopeOf(visit), { from: from.id, to: to.id, tagIds })
  const steps = holdings.map((holding): Step => ({ ...holding, quantity: Number(wish.quantities.get(holding.tagId)) }))
  const wrong = steps.filter(({ quantity, from: held }) => !Number.isSafeInteger(quantity) || quantity < 1 || quantity > held.purchased)
  show(
    visit,
    view('review'),
    { from, to, steps, wrong, missing: tagIds.length - steps.length, back: addressOf(path, asked(wish)) },
    wrong.length > 0 || steps.length < tagIds.length ? 422 : 200,
  )
}

/** The transfer itself: the third step. */
export async function transferSubmitted(visit: AccountVisit): Promise<void> {
  const wish = readWish(visit.request.body as Record<string, unknown>, await placesOf(visit))
  const { from, to } = wish
  refuseUnless(from && to, 'NOT_FOUND', 'There is no such Local Virtual Account.')
  const licenses = [...wish.quantities].map(([tagId, quantity]) => ({ tagId, quantity: Number(quantity) }))
  try {
    refuseUnless(licenses.length > 0, 'INVALID', 'Say how many of at least one license.')
    await transferLicenses(visit.context, visit.person, { localAccountId: visit.account.id, from: from.id, to: to.id, licenses })
  } catch (error) {
    if (!(error instanceof Refusal) || error.code === 'NOT_ALLOWED') throw error
    await say(visit, { tone: 'danger', words: `Nothing was transferred. ${error.message}` })
    return goTo(visit, addressOf(paths.licensing.licenseTransfer(visit.account.uuid), asked(wish)))
  }
  const total = licenses.reduce((sum, { quantity }) => sum + quantity, 0)
  await say(visit, {
    tone: 'success',
    words: `${counted(total, 'license is', 'licenses are')} in ${to.name} now, and what rests on them is settled.`,
  })
  const [only] = licenses
  goTo(
    visit,
    licenses.length === 1
      ? paths.licensing.license(visit.account.uuid, only!.tagId)
      : addressOf(paths.licensing.licenses(visit.account.uuid), { place: String(to.id) }),
  )
}
