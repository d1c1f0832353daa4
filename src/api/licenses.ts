import { z } from 'zod'
import { lotStanding } from '../rules/entitlements.ts'
import { type ListedLicense, listingOfLicenses } from '../storage/listings/licenses.ts'
import { maybeMoment, maybeWritten, moment, oneOf, placeNames, text, written } from './fields.ts'
import { answerList, listAnswer, paging } from './paging.ts'
import { narrowTo } from './places.ts'
import { inAccount, type Route } from './route.ts'

/** "`status` is "In Compliance" or "Out Of Compliance"" (api.md). */
export const compliance = z.enum(['In Compliance', 'Out Of Compliance'])
export const complianceWord = (short: boolean): z.output<typeof compliance> => (short ? 'Out Of Compliance' : 'In Compliance')

const licenseType = z.enum(['PERPETUAL', 'TERM', 'SUBSCRIPTION', 'DEMO'])

const license = z.object({
  license: z.string(),
  entitlementTag: z.string(),
  virtualAccount: z.string(),
  quantity: z.int(),
  inUse: z.int(),
  available: z.int(),
  status: compliance,
  billingType: z.literal('PREPAID'),
  pendingQuantity: z.int(),
  reserved: z.int(),
  licenseDetails: z.array(
    z.object({
      licenseType,
      quantity: z.int(),
      startDate: moment,
      endDate: maybeMoment,
      subscriptionId: z.string().nullable(),
      status: z.enum(['Active', 'Pending', 'Expired']),
    }),
  ),
  licenseSubstitutions: z.array(
    z.object({
      licenseName: z.string(),
      substitutedLicense: z.string(),
      substitutedQuantity: z.int(),
      substitutionType: z.enum(['Borrowed', 'Lent']),
    }),
  ),
})

const lotWords = { 'in force': 'Active', pending: 'Pending', ended: 'Expired' } as const

/** `available` is the balance: what is left after use, substitution and reservation; below zero is what is missing. */
const licenseEntry =
  (now: Date) =>
  (found: ListedLicense): z.input<typeof license> => ({
    license: found.displayName,
    entitlementTag: found.tag,
    virtualAccount: found.localVirtualAccount,
    quantity: found.purchased,
    inUse: found.inUse,
    available: found.balance,
    status: complianceWord(found.short),
    billingType: 'PREPAID',
    pendingQuantity: found.pending,
    reserved: found.reserved,
    licenseDetails: found.lots.map(lot => ({
      licenseType: lot.licenseType,
      quantity: lot.quantity,
      startDate: written(lot.startsAt),
      endDate: maybeWritten(lot.endsAt),
      subscriptionId: lot.subscriptionId,
      status: lotWords[lotStanding(lot, now)],
    })),
    licenseSubstitutions: found.loans.map(({ lender, borrower, quantity }) => ({
      licenseName: lender,
      substitutedLicense: borrower,
      substitutedQuantity: quantity,
      substitutionType: borrower === found.displayName ? ('Borrowed' as const) : ('Lent' as const),
    })),
  })

export const licenseRoutes: Route[] = [
  inAccount({
    method: 'post',
    path: '/api/v1/accounts/{account}/licenses',
    operation: 'listLicenses',
    tag: 'Licenses',
    summary: 'List licenses, one entry for each Local Virtual Account that holds or uses them, by name',
    description: 'license is a part of the name or of the entitlement tag.',
    scope: 'read',
    act: 'see licenses',
    body: z.object({
      virtualAccounts: placeNames.optional(),
      license: text(255).default(''),
      status: oneOf('In Compliance', 'Out Of Compliance').optional(),
      ...paging,
    }),
    answer: z.object({ licenses: z.array(license), ...listAnswer }),
    async handle({ context, scope, body, now }) {
      const db = context.storage.pages
      const narrow = await narrowTo(db, scope, body.virtualAccounts)
      const short = body.status ? body.status === 'Out Of Compliance' : null
      return answerList('licenses', listingOfLicenses(db, narrow, { text: body.license.trim(), short }, now), body, licenseEntry(now))
    },
  }),
]
