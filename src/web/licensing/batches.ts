import { type BatchWish, batchScope, beginBatch } from '../../licensing/batches/beginBatch.ts'
import { carryBatch } from '../../licensing/batches/carryBatch.ts'
import { stopBatch } from '../../licensing/batches/stopBatch.ts'
import { batchInWords, type InstanceDeed } from '../../rules/instanceBatches.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import { may } from '../../rules/roles.ts'
import {
  type ChosenInstances,
  countChosenInstances,
  findBatch,
  type InstanceBatch,
  mostCountedInstances,
} from '../../storage/instanceBatches.ts'
import { listPlaces } from '../../storage/pages/places.ts'
import { inAWhile } from '../inAWhile.ts'
import { paths } from '../paths.ts'
import { orForm } from '../refusals.ts'
import { goTo, say, show } from '../render.ts'
import { type AccountVisit, field, parameter, queried } from '../visit.ts'
import { type Asked, addressOf, scopeOf } from './list.ts'
import { readInstanceQuestion } from './productInstances.ts'

/** The forms are pages alone; only how far a batch is moves. */
const formView = (deed: InstanceDeed) => ({ page: `licensing/batches/${deed}.njk`, fragment: `licensing/batches/${deed}.njk` })
const batchView = { page: 'licensing/batches/batch.njk', fragment: 'licensing/batches/_batch.njk' }
const listOf = ({ account }: AccountVisit) => paths.licensing.productInstances(account.uuid)

/** What is chosen: all that the filter of the list shows, which comes with the page's address and goes on with its form. */
function readChoice(visit: AccountVisit, given: (name: string) => string | undefined): { chosen: ChosenInstances; asked: Asked } {
  const { filter, question, asked } = readInstanceQuestion(visit, given)
  const { states, text, silent = false } = filter
  return { chosen: { filter: { states, text, silent }, place: question.place }, asked: { ...asked, order: '' } }
}

/** Where a transfer goes, as an address or a form has it. */
function readTarget(text: string | undefined): number | null {
  const number = Number(text)
  return Number.isInteger(number) && number > 0 && number < 2 ** 31 ? number : null
}

/** What will be done, what is skipped and why: of how many, where they are now, and by what filter. */
async function review(visit: AccountVisit, deed: InstanceDeed, given: (name: string) => string | undefined) {
  const { pages } = visit.context.storage
  const { chosen, asked } = readChoice(visit, given)
  const scope = batchScope(visit.person, { localAccountId: visit.account.id, deed, chosen })
  const [{ places: found, examples }, places] = await Promise.all([
    countChosenInstances(pages, scope, chosen),
    listPlaces(pages, scopeOf(visit)),
  ])
  const to = readTarget(given('to'))
  const total = found.reduce((sum, { instances }) => sum + instances, 0)
  const target = places.find(({ id }) => id === to)
  const there = found.find(({ id }) => id === to)?.instances ?? 0
  const back = addressOf(listOf(visit), asked)
  const many = total >= mostCountedInstances && asked.search !== ''
  return { deed, asked, found, examples, total, target, there, places, back, many }
}

const reviewPage = (deed: InstanceDeed) => async (visit: AccountVisit) =>
  show(visit, formView(deed), await review(visit, deed, name => queried(visit, name)))

/** Transfers all that a filter shows: where to, and then what that does. */
export const batchTransferPage = reviewPage('transfer')
/** Removes all that a filter shows: what that does. */
export const batchRemovalPage = reviewPage('removal')

const submitted = (deed: InstanceDeed) => (visit: AccountVisit) =>
  orForm(
    visit,
    formView(deed),
    () => review(visit, deed, name => field(visit, name)),
    async () => {
      const { chosen } = readChoice(visit, name => field(visit, name))
      const typed = field(visit, deed === 'removal' ? 'confirmation' : 'expected').replaceAll(/[\s,.]/g, '')
      refuseUnless(/^\d{1,9}$/.test(typed), 'INVALID', 'Type how many product instances are to be removed.', 'confirmation')
      await carryOut(
        visit,
        { localAccountId: visit.account.id, deed, chosen, to: readTarget(field(visit, 'to')), expected: Number(typed) },
        listOf(visit),
      )
    },
  )

/** Somebody has all that a filter shows transferred. */
export const batchTransferSubmitted = submitted('transfer')
/** Somebody has all that a filter shows removed. */
export const batchRemovalSubmitted = submitted('removal')

/** Begins a batch and carries it on; where that is soon done, one is back at `back` with what came of it, else on the batch's own page. */
export async function carryOut(visit: AccountVisit, wish: BatchWish, back: string): Promise<void> {
  const who = { ...visit.person, userId: visit.user.id }
  const key = { localAccountId: visit.account.id, id: await beginBatch(visit.context, who, wish) }
  const batch = await inAWhile(visit, carryBatch(visit.context, key))
  if (batch?.state !== 'done') return goTo(visit, paths.licensing.batch(visit.account.uuid, key.id))
  const { did, skipped } = batchInWords(batch, batch.place)
  await say(visit, { tone: batch.done > 0 ? 'success' : 'info', words: did, ...(skipped && { more: skipped }) })
  goTo(visit, back)
}

/** A batch that is this person's, or whose account is theirs to manage. */
async function getBatch(visit: AccountVisit): Promise<InstanceBatch> {
  const id = Number(parameter(visit, 'batch'))
  const batch =
    Number.isSafeInteger(id) && id > 0 ? await findBatch(visit.context.storage.pages, { localAccountId: visit.account.id, id }) : undefined
  const theirs = batch?.userId === visit.user.id || may(visit.person, 'manage account', { localAccountId: visit.account.id })
  refuseUnless(batch && theirs, 'NOT_FOUND', 'There is nothing under this address, or it is not for you to see.')
  return batch
}

/** "a fragment with faces waiting, running n of m, done, failed (why, what to do)" */
export async function batchPage(visit: AccountVisit): Promise<void> {
  const batch = await getBatch(visit)
  show(visit, batchView, { batch, list: listOf(visit), ...batchInWords(batch, batch.place) })
}

/** Somebody stops a batch. */
export async function batchStopped(visit: AccountVisit): Promise<void> {
  const batch = await getBatch(visit)
  const stopped = await stopBatch(visit.context, batch)
  if (!stopped) await say(visit, { tone: 'info', words: 'It had ended already.' })
  goTo(visit, paths.licensing.batch(visit.account.uuid, batch.id))
}
