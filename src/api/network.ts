import { z } from 'zod'
import { triedSteps } from '../cloud/carrier.ts'
import { proxyAddress } from '../rules/proxy.ts'
import { refuseUnless } from '../rules/refusal.ts'
import { findLocalAccountByNameOrUuid } from '../storage/localAccounts.ts'
import { findProxy } from '../storage/proxySetting.ts'
import { listTrustedAuthorities } from '../storage/trustedAuthorities.ts'
import { tryConnection } from '../synchronization/tryConnection.ts'
import { filledText, moment, written } from './fields.ts'
import { onServer, type Route } from './route.ts'

const tag = 'Network'

const authority = z.object({
  fingerprint: z.string(),
  name: z.string(),
  issuer: z.string(),
  notBefore: moment,
  notAfter: moment,
  addedAt: moment,
  addedBy: z.string(),
})

/** The way to the cloud, looked at and tried. What it shall be is configuration, which "nobody changes by the API". */
export const networkRoutes: Route[] = [
  onServer({
    method: 'get',
    path: '/api/v1/network',
    operation: 'getNetwork',
    tag,
    summary: 'Tell the way to the cloud: its address, the proxy, and the authorities of the trust store',
    scope: 'system',
    act: 'see server',
    answer: z.object({
      cloud: z.string().nullable(),
      proxy: z.object({ address: z.string(), user: z.string().nullable(), without: z.array(z.string()) }).nullable(),
      trustedAuthorities: z.array(authority),
    }),
    async handle({ context }) {
      const { pages } = context.storage
      const [stored, authorities] = await Promise.all([findProxy(pages), listTrustedAuthorities(pages)])
      return {
        cloud: context.config.cloudUrl ?? null,
        proxy: stored ? { address: proxyAddress(stored.proxy), user: stored.proxy.user, without: stored.proxy.without } : null,
        trustedAuthorities: authorities.map(({ certificate: _, notBefore, notAfter, addedAt, ...rest }) => ({
          ...rest,
          notBefore: written(notBefore),
          notAfter: written(notAfter),
          addedAt: written(addedAt),
        })),
      }
    },
  }),
  onServer({
    method: 'post',
    path: '/api/v1/network/connection-test',
    operation: 'testConnection',
    tag,
    summary: 'Try the way to the cloud, and name the step that fails and what to do',
    description:
      'Nothing is carried and nothing changes. It signs on as an account does where one is named, and else as the server. A step after one that failed is skipped. The answer is 200 also where a step fails: "reached" tells.',
    scope: 'system',
    act: 'run server',
    body: z.object({ account: filledText(100).optional() }),
    answer: z.object({
      reached: z.boolean(),
      steps: z.array(
        z.object({ step: z.enum(triedSteps), outcome: z.enum(['passed', 'warning', 'failed', 'skipped']), sentence: z.string() }),
      ),
    }),
    async handle({ context, body }) {
      const account = body.account === undefined ? undefined : await findLocalAccountByNameOrUuid(context.storage.db, body.account)
      refuseUnless(account || body.account === undefined, 'NOT_FOUND', 'There is no such Local Account.')
      const { steps, failed } = await tryConnection(context, account?.id)
      return { reached: failed === undefined, steps, statusMessage: failed?.sentence ?? '' }
    },
  }),
]
