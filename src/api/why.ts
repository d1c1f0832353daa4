import { z } from 'zod'
import { refuseUnless } from '../rules/refusal.ts'
import { explainShortage } from '../rules/why.ts'
import { findEntitlementTag } from '../storage/entitlementTags.ts'
import { findLicenseHead } from '../storage/pages/licenseDetail.ts'
import { listShortageFacts } from '../storage/pages/shortageFacts.ts'
import { maybeMoment, maybeWritten } from './fields.ts'
import { compliance, complianceWord } from './licenses.ts'
import { inAccount, type Route } from './route.ts'

const part = z.looseObject({ kind: z.string(), sentence: z.string() })

const explanation = z.object({
  virtualAccount: z.object({ id: z.int(), name: z.string() }),
  missing: z.int(),
  since: maybeMoment,
  summary: z.string(),
  reasons: z.array(part),
  mends: z.array(part.extend({ quantity: z.int(), enough: z.boolean() })),
})

export const whyRoutes: Route[] = [
  inAccount({
    method: 'get',
    path: '/api/v1/accounts/{account}/licenses/{tag}/why',
    operation: 'explainLicense',
    tag: 'Licenses',
    summary: 'Tell why a license is out of compliance, and what would mend it',
    description: 'One explanation for each Local Virtual Account in which it is so, the worst first; none where all is well.',
    scope: 'read',
    act: 'see licenses',
    answer: z.object({ license: z.string(), entitlementTag: z.string(), complianceStatus: compliance, explanations: z.array(explanation) }),
    async handle({ context, scope, parameters, now }) {
      const db = context.storage.pages
      const tag = await findEntitlementTag(db, parameters.tag!)
      // The catalog is everybody's: what others use is answered as what is not there.
      refuseUnless(tag && (await findLicenseHead(db, scope, tag.id)), 'NOT_FOUND', 'There is no license of this tag or name here.')
      const explained = (await listShortageFacts(db, scope, tag.id)).map(facts => explainShortage(facts, now))
      return {
        license: tag.displayName,
        entitlementTag: tag.tag,
        complianceStatus: complianceWord(explained.length > 0),
        explanations: explained.map(({ localVirtualAccount, since, ...rest }) => ({
          virtualAccount: localVirtualAccount,
          since: maybeWritten(since),
          ...rest,
        })),
      }
    },
  }),
]
