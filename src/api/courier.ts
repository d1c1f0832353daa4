import { z } from 'zod'
import { fileNameOf } from '../cloud/file.ts'
import type { Context } from '../context.ts'
import type { LocalAccount } from '../rules/accounts.ts'
import type { Synchronization } from '../rules/exchanges.ts'
import { refuseUnless } from '../rules/refusal.ts'
import { findLocalAccountByNameOrUuid, getLocalAccount } from '../storage/localAccounts.ts'
import { findLatestSynchronization } from '../storage/synchronizations.ts'
import { applySynchronization } from '../synchronization/applySynchronization.ts'
import { cancelFile } from '../synchronization/cancelFile.ts'
import { handOut, prepareFile, prepareRegistrationFile } from '../synchronization/prepareFile.ts'
import { account, accountEntry } from './accounts.ts'
import { filledText, oneOf, text } from './fields.ts'
import { onAccount, onServer, type Route } from './route.ts'
import { Outcome } from './send.ts'
import { job, jobEntry } from './synchronization.ts'

const path = '/api/v1/accounts/{account}'
const byFile =
  'The answer is the container itself: a courier carries it to the cloud as it is. A request that was made before and waits is cancelled.'

/** What an applied response brought, in numbers. */
const applied = z.object({
  licenseLots: z.object({ put: z.int(), gone: z.int() }).nullable(),
  productInstances: z.object({ added: z.int(), changed: z.int(), removed: z.int() }).nullable(),
})
const appliedEntry = ({ summary, state }: Synchronization): z.input<typeof applied> | null =>
  state === 'applied' ? { licenseLots: summary.entitlements ?? null, productInstances: summary.products ?? null } : null

/** The request as a file. Its job is named in a header, because the body is the courier's. */
async function given(context: Context, account: Pick<LocalAccount, 'name'>, exchange: Synchronization): Promise<Outcome> {
  const file = await handOut(context, exchange)
  return new Outcome(200, file, 'application/json; charset=utf-8', {
    'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(fileNameOf(account, exchange, 'request'))}`,
    'X-Job': String(exchange.id),
  })
}

export const courierRoutes: Route[] = [
  onServer({
    method: 'post',
    path: `${path}/registration/request`,
    operation: 'prepareRegistration',
    tag: 'Local Accounts',
    summary: 'Write the registration request of a Local Account for a courier',
    description: `${byFile} An account that nobody has asked for is made; it needs the names of its Smart Account and its Virtual Account.`,
    scope: 'system',
    act: 'run server',
    body: z.object({
      smartAccount: filledText(100).optional(),
      virtualAccount: filledText(100).optional(),
      notificationEmail: text(254).optional(),
      message: text(2000).optional(),
    }),
    container: 'given',
    answer: z.string(),
    async handle({ context, caller, body, parameters }) {
      const { db } = context.storage
      const known = await findLocalAccountByNameOrUuid(db, parameters.account ?? '')
      const asked = known && (await findLatestSynchronization(db, known.id))?.summary.asked
      const smartAccount = body.smartAccount ?? asked?.smartAccount ?? known?.smartAccount.name
      const virtualAccount = body.virtualAccount ?? asked?.virtualAccount ?? known?.virtualAccount.name
      const needed = 'There is no such Local Account. To make it, name its smartAccount and its virtualAccount.'
      refuseUnless(smartAccount && virtualAccount, 'NOT_FOUND', needed)
      const name = known?.name ?? parameters.account!
      const exchange = await prepareRegistrationFile(context, caller.who, { ...body, name, smartAccount, virtualAccount })
      return given(context, { name }, exchange)
    },
  }),
  onAccount({
    method: 'post',
    path: `${path}/registration/response`,
    operation: 'applyRegistrationResponse',
    tag: 'Local Accounts',
    summary: "Take the cloud's answer to a registration request that a courier carried",
    scope: 'system',
    act: 'run server',
    container: 'taken',
    answer: z.object({ account, job, applied: applied.nullable() }),
    async handle({ context, caller, account, file, now }) {
      const done = await applySynchronization(context, caller.who, { localAccountId: account.id, file })
      const registered = await getLocalAccount(context.storage.db, account.id)
      return { account: await accountEntry(context.storage.db, registered, now), job: jobEntry(done), applied: appliedEntry(done) }
    },
  }),
  onAccount({
    method: 'post',
    path: `${path}/synchronization/request`,
    operation: 'prepareSynchronization',
    tag: 'Synchronization',
    summary: 'Write the request of a synchronization for a courier',
    description: `${byFile} While an exchange is on the network, none is written.`,
    scope: 'accounts',
    act: 'manage account',
    body: z.object({ type: oneOf('standard', 'full').default('standard') }),
    container: 'given',
    answer: z.string(),
    async handle({ context, caller, account, body }) {
      return given(context, account, await prepareFile(context, caller.who, { localAccountId: account.id, type: body.type }))
    },
  }),
  onAccount({
    method: 'post',
    path: `${path}/synchronization/response`,
    operation: 'applySynchronizationResponse',
    tag: 'Synchronization',
    summary: "Take the cloud's answer to a request that a courier carried",
    description:
      'A file that is not the answer to the request that waits is refused with its code (FILE_SAME, FILE_OLD, WRONG_ACCOUNT, BAD_SIGNATURE …) and changes nothing. Where the cloud has not taken the request, the job says so.',
    scope: 'accounts',
    act: 'manage account',
    container: 'taken',
    answer: z.object({ job, applied: applied.nullable() }),
    async handle({ context, caller, account, file }) {
      const done = await applySynchronization(context, caller.who, { localAccountId: account.id, file })
      return { job: jobEntry(done), applied: appliedEntry(done), statusMessage: done.message ?? '' }
    },
  }),
  onAccount({
    method: 'post',
    path: `${path}/synchronization/cancel`,
    operation: 'cancelSynchronizationRequest',
    tag: 'Synchronization',
    summary: 'Give up the request that is with a courier',
    description: 'It costs nothing where the file has not reached the cloud, and a full synchronization where it has.',
    scope: 'accounts',
    act: 'manage account',
    answer: z.object({}),
    async handle({ context, caller, account }) {
      await cancelFile(context, caller.who, account.id)
      return { statusMessage: 'The request is given up.' }
    },
  }),
]
