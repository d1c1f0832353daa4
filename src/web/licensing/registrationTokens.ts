import { z } from 'zod'
import { createRegistrationToken } from '../../licensing/createRegistrationToken.ts'
import { revokeRegistrationToken } from '../../licensing/revokeRegistrationToken.ts'
import { showRegistrationToken } from '../../licensing/showRegistrationToken.ts'
import { isUuid } from '../../rules/identifiers.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import { defaultTokenDays, longestTokenDays, type TokenStanding, tokenStanding } from '../../rules/tokens.ts'
import { listPlaces } from '../../storage/pages/places.ts'
import {
  findRegistrationTokenRow,
  listRegistrationTokenRows,
  type RegistrationTokenRow,
  registrationTokenSort,
} from '../../storage/pages/registrationTokenRows.ts'
import { narrowed } from '../../storage/pages/scope.ts'
import { findRegistrationToken } from '../../storage/registrationTokens.ts'
import { paths } from '../paths.ts'
import { orForm, readForm } from '../refusals.ts'
import { goTo, say, show } from '../render.ts'
import type { PlaceRule } from '../route.ts'
import { type AccountVisit, parameter } from '../visit.ts'
import { listModel, oneOf, readQuestion, readSlice, scopeOf } from './list.ts'
import { productAddresses } from './productAddresses.ts'

const view = (name: string) => ({ page: `licensing/registrationTokens/${name}.njk`, fragment: `licensing/registrationTokens/_${name}.njk` })
const formView = { page: 'licensing/registrationTokens/new.njk', fragment: 'licensing/registrationTokens/new.njk' }
const standings: TokenStanding[] = ['usable', 'expired', 'used up', 'revoked']

/** Where the token in the path lets products in. */
export const placeOfToken: PlaceRule = async visit => {
  const { context, account } = visit
  const found = await findRegistrationToken(context.storage.pages, account.id, parameter(visit, 'token'))
  refuseUnless(found, 'NOT_FOUND', 'There is no such registration token.')
  return { localAccountId: account.id, localVirtualAccountId: found.token.localVirtualAccountId }
}

/** Inventory › Registration tokens. */
export async function tokensPage(visit: AccountVisit): Promise<void> {
  const question = readQuestion(visit)
  const standing = oneOf(visit, 'state', standings)
  const slice = readSlice(visit, registrationTokenSort, question.size)
  const scope = scopeOf(visit)
  const narrow = narrowed(scope, question.place)
  const found = await listRegistrationTokenRows(
    visit.context.storage.pages,
    scope,
    narrow,
    { standing: standing ?? null },
    slice,
    visit.now,
  )
  const asked = { place: String(question.place ?? ''), state: standing ?? '' }
  const list = listModel(visit, paths.licensing.tokens(visit.account.uuid), asked, slice, found.page)
  if (list.isEmpty && list.first) return goTo(visit, list.first)
  const rows = found.page.rows.map(token => ({ ...token, standing: tokenStanding(token, visit.now) }))
  show(visit, view('index'), { list, rows, places: found.places, question, standing, standings, addresses: productAddresses(visit) })
}

async function getToken(visit: AccountVisit): Promise<RegistrationTokenRow> {
  const id = parameter(visit, 'token')
  const token = isUuid(id) ? await findRegistrationTokenRow(visit.context.storage.pages, scopeOf(visit), id) : undefined
  refuseUnless(token, 'NOT_FOUND', 'There is no such registration token.')
  return token
}

const formModel = async (visit: AccountVisit) => ({
  places: await listPlaces(visit.context.storage.pages, scopeOf(visit)),
  defaultTokenDays,
  longestTokenDays,
})

/** The form for a new token. */
export const newTokenPage = async (visit: AccountVisit): Promise<void> => show(visit, formView, await formModel(visit))

const wholeNumber = (sentence: string) =>
  z
    .string()
    .trim()
    .regex(/^\d{1,9}$/, sentence)
    .transform(Number)
const tokenForm = z.object({
  localVirtualAccount: wholeNumber('Choose a Local Virtual Account.'),
  description: z.string(),
  expiresAfterDays: wholeNumber(`Give a number of days from 1 to ${longestTokenDays}.`),
  maxUses: z.union([z.literal('').transform(() => null), wholeNumber('Give a whole number, or leave it empty.')]),
  exportControlled: z.literal('on').optional(),
})

/** An administrator creates a token, and gets to see its secret. */
export const newTokenSubmitted = (visit: AccountVisit): Promise<void> =>
  orForm(
    visit,
    formView,
    () => formModel(visit),
    async () => {
      const form = readForm(visit, tokenForm)
      const { token } = await createRegistrationToken(visit.context, visit.person, {
        localAccountId: visit.account.id,
        localVirtualAccountId: form.localVirtualAccount,
        description: form.description,
        days: form.expiresAfterDays,
        maximumUses: form.maxUses,
        exportControlled: form.exportControlled === 'on',
      })
      await say(visit, { tone: 'success', words: 'The token is ready. Copy it into the configuration of your products.' })
      goTo(visit, paths.licensing.tokenSecret(visit.account.uuid, token.id))
    },
  )

/** The secret of a token, for whoever may create tokens; as plain text for the button that copies without showing. */
export async function tokenSecretPage(visit: AccountVisit): Promise<void> {
  const token = await getToken(visit)
  const secret = await showRegistrationToken(visit.context, visit.person, { localAccountId: visit.account.id, id: token.id })
  if (visit.request.accepts(['html', 'text/plain']) === 'text/plain') {
    visit.response.type('text/plain').send(secret)
    return
  }
  show(visit, view('secret'), {
    registrationToken: token,
    secret,
    standing: tokenStanding(token, visit.now),
    addresses: productAddresses(visit),
  })
}

/** What a revocation does, and the question whether to. */
export async function revocationPage(visit: AccountVisit): Promise<void> {
  show(visit, view('revocation'), { registrationToken: await getToken(visit) })
}

/** An administrator revokes a token. */
export async function revocationSubmitted(visit: AccountVisit): Promise<void> {
  const { id } = await getToken(visit)
  const { description } = await revokeRegistrationToken(visit.context, visit.person, { localAccountId: visit.account.id, id })
  await say(visit, {
    tone: 'success',
    words: `The token${description && ` “${description}”`} was revoked. What registered with it stays registered.`,
  })
  goTo(visit, paths.licensing.tokens(visit.account.uuid))
}
