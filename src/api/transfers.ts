import { z } from 'zod'
import { transferLicenses } from '../licensing/transferLicenses.ts'
import { transferProductInstances } from '../licensing/transferProductInstances.ts'
import { Refusal, refuseUnless } from '../rules/refusal.ts'
import { counted } from '../rules/words.ts'
import { findEntitlementTag } from '../storage/entitlementTags.ts'
import { findProductInstance } from '../storage/productInstances.ts'
import { eachOf, fate, someDone } from './eachOf.ts'
import { filledText, oneOf, whole } from './fields.ts'
import { findPlaceInAccount } from './places.ts'
import { inPlace, type Route } from './route.ts'

const path = '/api/v1/accounts/{account}/virtual-accounts/{virtualAccount}'

const licenseTransfer = z.object({
  license: filledText(255),
  licenseType: oneOf('PERPETUAL', 'TERM', 'SUBSCRIPTION', 'DEMO').optional(),
  quantity: whole(1, 1_000_000_000),
  targetVirtualAccount: filledText(255),
  precedence: oneOf('LONGEST_TERM_FIRST').default('LONGEST_TERM_FIRST'),
})

export const transferRoutes: Route[] = [
  inPlace({
    method: 'post',
    path: `${path}/licenses/transfer`,
    operation: 'transferLicenses',
    tag: 'Licenses',
    summary: 'Transfer licenses to another Local Virtual Account, the longest term first',
    description: 'A license is named by its name or its entitlement tag. Each entry is done whole or not at all.',
    scope: 'inventory',
    act: 'transfer licenses',
    body: z.object({ licenses: z.array(licenseTransfer).min(1).max(1000) }),
    answer: z.object({ transferLicensesStatus: z.array(z.object({ ...fate, license: z.string() })) }),
    also: someDone,
    async handle({ context, caller, account, scope, place, body }) {
      return eachOf(
        'transferLicensesStatus',
        body.licenses,
        ({ license }) => ({ license }),
        async ({ license, licenseType, quantity, targetVirtualAccount }) => {
          const target = await findPlaceInAccount(context.storage.db, scope, targetVirtualAccount)
          const tag = await findEntitlementTag(context.storage.db, license)
          refuseUnless(tag, 'NOT_FOUND', 'There is no license of this tag or name.')
          const licenses = [{ tagId: tag.id, quantity, licenseType }]
          await transferLicenses(context, caller.who, { localAccountId: account.id, from: place.id, to: target.id, licenses })
          return `${counted(quantity, 'license is', 'licenses are')} in ${target.name} now.`
        },
      )
    },
  }),
  inPlace({
    method: 'post',
    path: `${path}/devices/transfer`,
    operation: 'transferDevices',
    tag: 'Product instances',
    summary: 'Transfer product instances, and what they use, to another Local Virtual Account',
    scope: 'inventory',
    act: 'transfer licenses',
    body: z.object({ productInstances: z.array(filledText(64)).min(1).max(1000), targetVirtualAccount: filledText(255) }),
    answer: z.object({ transferProductInstancesStatus: z.array(z.object({ ...fate, productInstanceId: z.string() })) }),
    also: someDone,
    async handle({ context, caller, account, scope, place, body }) {
      const target = await findPlaceInAccount(context.storage.db, scope, body.targetVirtualAccount)
      return eachOf(
        'transferProductInstancesStatus',
        body.productInstances,
        productInstanceId => ({ productInstanceId }),
        async id => {
          const found = await findProductInstance(context.storage.db, account.id, id)
          if (found?.localVirtualAccountId !== place.id) throw new Refusal('NOT_FOUND', 'There is no such product instance here.')
          await transferProductInstances(context, caller.who, { localAccountId: account.id, ids: [id], to: target.id })
          return `${found.name} is in ${target.name} now.`
        },
      )
    },
  }),
]
