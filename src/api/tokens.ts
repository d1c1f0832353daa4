import { z } from 'zod'
import { createRegistrationToken, tokenPurpose } from '../licensing/createRegistrationToken.ts'
import { revokeRegistrationToken } from '../licensing/revokeRegistrationToken.ts'
import { readTokenText } from '../licensing/tokenText.ts'
import { isUuid } from '../rules/identifiers.ts'
import { Refusal } from '../rules/refusal.ts'
import { defaultTokenDays, longestTokenDays } from '../rules/tokens.ts'
import { listingOfTokens } from '../storage/listings/registrationTokens.ts'
import { findRegistrationToken } from '../storage/registrationTokens.ts'
import { eachOf, fate, someDone } from './eachOf.ts'
import { filledText, oneOf, text, whole } from './fields.ts'
import { answerList, listAnswer, paging } from './paging.ts'
import { inPlace, type Route } from './route.ts'
import { standingOf, token, tokenEntry } from './tokenEntry.ts'

const path = '/api/v1/accounts/{account}/virtual-accounts/{virtualAccount}/tokens'
const tag = 'Registration tokens'

export const tokenRoutes: Route[] = [
  inPlace({
    method: 'get',
    path,
    operation: 'listTokens',
    tag,
    summary: 'List registration tokens with their text, the newest first',
    description: 'Without a status it lists the usable ones: open clients take the first of the list.',
    scope: 'tokens',
    act: 'manage tokens',
    query: z.object({ status: oneOf('Usable', 'Expired', 'Used Up', 'Revoked', 'All').default('Usable'), ...paging }),
    answer: z.object({ tokens: z.array(token), ...listAnswer }),
    async handle({ context, caller, account, place, now, query }) {
      const here = { localAccountId: account.id, reach: [place.id] }
      const listing = listingOfTokens(context.storage.pages, here, { standing: standingOf(query.status) }, now)
      context.log.info(
        { who: caller.who.name, localAccountId: account.id, localVirtualAccountId: place.id },
        'registration tokens were shown',
      )
      return answerList('tokens', listing, query, found => {
        const secret = found.revokedAt ? null : context.secrets.open(found.sealed, tokenPurpose).toString('utf8')
        return tokenEntry(found, secret, now)
      })
    },
  }),
  inPlace({
    method: 'post',
    path,
    operation: 'createToken',
    tag,
    summary: 'Create a registration token',
    scope: 'tokens',
    act: 'manage tokens',
    body: z.object({
      description: text(255).default(''),
      expiresAfterDays: whole(1, longestTokenDays).default(defaultTokenDays),
      exportControlled: oneOf('Allowed', 'Not Allowed').default('Not Allowed'),
      maxUses: whole(1, 1_000_000).nullable().default(null),
    }),
    answer: z.object({ tokenInfo: token }),
    async handle({ context, caller, account, place, now, body }) {
      const created = await createRegistrationToken(context, caller.who, {
        localAccountId: account.id,
        localVirtualAccountId: place.id,
        description: body.description,
        days: body.expiresAfterDays,
        maximumUses: body.maxUses,
        exportControlled: body.exportControlled === 'Allowed',
      })
      return { tokenInfo: tokenEntry(created.token, created.secret, now) }
    },
  }),
  inPlace({
    method: 'post',
    path: `${path}/revoke`,
    operation: 'revokeTokens',
    tag,
    summary: 'Revoke registration tokens, named by their text or by their id',
    scope: 'tokens',
    act: 'manage tokens',
    body: z.object({ tokens: z.array(filledText(2000)).min(1).max(1000) }),
    answer: z.object({ tokensRevokeStatus: z.array(z.object({ ...fate, token: z.string() })) }),
    also: someDone,
    async handle({ context, caller, account, place, body }) {
      return eachOf(
        'tokensRevokeStatus',
        body.tokens,
        given => ({ token: given }),
        async given => {
          const id = isUuid(given) ? given : (readTokenText(given)?.id ?? '')
          const found = await findRegistrationToken(context.storage.db, account.id, id)
          // The account's other Local Virtual Accounts are not this call's to touch.
          if (found?.token.localVirtualAccountId !== place.id) throw new Refusal('NOT_FOUND', 'There is no such registration token here.')
          await revokeRegistrationToken(context, caller.who, { localAccountId: account.id, id })
          return 'The registration token is revoked.'
        },
      )
    },
  }),
]
