import { z } from 'zod'
import { changeLocalVirtualAccount } from '../../licensing/changeLocalVirtualAccount.ts'
import { createLocalVirtualAccount } from '../../licensing/createLocalVirtualAccount.ts'
import { deleteLocalVirtualAccount } from '../../licensing/deleteLocalVirtualAccount.ts'
import type { LocalVirtualAccount } from '../../rules/accounts.ts'
import { findPlaceRemains, getLocalVirtualAccount } from '../../storage/localVirtualAccounts.ts'
import { listLocalVirtualAccountRows, localVirtualAccountSort } from '../../storage/pages/localVirtualAccountRows.ts'
import { paths } from '../paths.ts'
import { orForm, orNotice, readForm } from '../refusals.ts'
import { goTo, say, show } from '../render.ts'
import { type AccountVisit, parameter } from '../visit.ts'
import { listModel, readQuestion, readSlice, scopeOf } from './list.ts'

const view = (name: string) => ({
  page: `licensing/localVirtualAccounts/${name}.njk`,
  fragment: `licensing/localVirtualAccounts/_${name}.njk`,
})
const formView = { page: 'licensing/localVirtualAccounts/form.njk', fragment: 'licensing/localVirtualAccounts/form.njk' }

/** Local Virtual Accounts. */
export async function localVirtualAccountsPage(visit: AccountVisit): Promise<void> {
  const question = readQuestion(visit)
  const slice = readSlice(visit, localVirtualAccountSort, question.size)
  const page = await listLocalVirtualAccountRows(visit.context.storage.pages, scopeOf(visit), question.search, slice)
  const path = paths.licensing.virtualAccounts(visit.account.uuid)
  const list = listModel(visit, path, { search: question.search }, slice, page)
  if (list.isEmpty && list.first) return goTo(visit, list.first)
  show(visit, view('index'), { list, rows: page.rows, question })
}

const form = z.object({ name: z.string(), description: z.string(), access: z.enum(['public', 'private'], 'Choose who may use it.') })

const wishOf = (visit: AccountVisit) => {
  const { name, description, access } = readForm(visit, form)
  return { localAccountId: visit.account.id, name, description, isPublic: access === 'public' }
}

const isNumber = (text: string) => /^[1-9]\d{0,8}$/.test(text)

/** The Local Virtual Account in the path. */
const placeOf = (visit: AccountVisit): Promise<LocalVirtualAccount> => {
  const id = parameter(visit, 'virtualAccount')
  return getLocalVirtualAccount(visit.context.storage.pages, visit.account.id, isNumber(id) ? Number(id) : 0)
}

const backToList = async (visit: AccountVisit, words: string) => {
  await say(visit, { tone: 'success', words })
  goTo(visit, paths.licensing.virtualAccounts(visit.account.uuid))
}

/** The form for a new one. */
export const newLocalVirtualAccountPage = (visit: AccountVisit): void => show(visit, formView)

/** An administrator creates one. */
export const newLocalVirtualAccountSubmitted = (visit: AccountVisit): Promise<void> =>
  orForm(
    visit,
    formView,
    () => ({}),
    async () => {
      const { name } = await createLocalVirtualAccount(visit.context, visit.person, wishOf(visit))
      await backToList(visit, `${name} was created. Transfer licenses to it, or create a token for products that shall belong to it.`)
    },
  )

/** The form that changes one. */
export const localVirtualAccountPage = async (visit: AccountVisit): Promise<void> => show(visit, formView, { place: await placeOf(visit) })

/** An administrator changes one. */
export async function localVirtualAccountSubmitted(visit: AccountVisit): Promise<void> {
  const place = await placeOf(visit)
  await orForm(
    visit,
    formView,
    () => ({ place }),
    async () => {
      const { name } = await changeLocalVirtualAccount(visit.context, visit.person, { ...wishOf(visit), id: place.id })
      await backToList(visit, `${name} was changed.`)
    },
  )
}

/** What a deletion does, or what stands in its way. */
export async function deletionPage(visit: AccountVisit): Promise<void> {
  const place = await placeOf(visit)
  const remains = await findPlaceRemains(visit.context.storage.pages, visit.account.id, place.id, visit.now)
  show(visit, view('deletion'), { place, remains })
}

/** An administrator deletes one. */
export async function deletionSubmitted(visit: AccountVisit): Promise<void> {
  const { id, name } = await placeOf(visit)
  await orNotice(visit, paths.licensing.virtualAccounts(visit.account.uuid), async () => {
    await deleteLocalVirtualAccount(visit.context, visit.person, { localAccountId: visit.account.id, id })
    await backToList(visit, `${name} was deleted.`)
  })
}
