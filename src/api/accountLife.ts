import { z } from 'zod'
import { approveLocalAccount } from '../administration/accounts/approveLocalAccount.ts'
import { changeLocalAccount } from '../administration/accounts/changeLocalAccount.ts'
import { deactivateLocalAccount } from '../administration/accounts/deactivateLocalAccount.ts'
import { deleteLocalAccount } from '../administration/accounts/deleteLocalAccount.ts'
import { rejectLocalAccount } from '../administration/accounts/rejectLocalAccount.ts'
import { requestLocalAccount } from '../administration/accounts/requestLocalAccount.ts'
import { getLocalAccount } from '../storage/localAccounts.ts'
import { account, accountEntry } from './accounts.ts'
import { filledText, text } from './fields.ts'
import { type AccountCall, inAccount, onAccount, onServer, type Route } from './route.ts'

const path = '/api/v1/accounts/{account}'
const tag = 'Local Accounts'
const answer = z.object({ account })
const deciding = { tag, scope: 'system', act: 'run server', answer } as const

/** The account as it is after an act. */
const afterwards = async ({ context, account, now }: AccountCall) => ({
  account: await accountEntry(context.storage.db, await getLocalAccount(context.storage.db, account.id), now),
})

export const accountLifeRoutes: Route[] = [
  onServer({
    ...deciding,
    method: 'post',
    path: '/api/v1/account-requests',
    operation: 'requestAccount',
    summary: 'Ask for a Local Account, which waits to be approved and registered',
    body: z.object({
      name: filledText(100),
      smartAccount: filledText(100),
      virtualAccount: filledText(100),
      notificationEmail: text(254).optional(),
      message: text(2000).optional(),
    }),
    status: 201,
    async handle({ context, caller, now, body }) {
      return { account: await accountEntry(context.storage.db, await requestLocalAccount(context, caller.who, body), now) }
    },
  }),
  inAccount({
    method: 'get',
    path,
    operation: 'getAccount',
    tag,
    summary: 'Tell of one Local Account',
    scope: 'read',
    act: 'see account',
    answer,
    handle: async ({ context, account, now }) => ({ account: await accountEntry(context.storage.pages, account, now) }),
  }),
  onAccount({
    ...deciding,
    method: 'post',
    path,
    operation: 'changeAccount',
    summary: 'Change what a Local Account is called here, or whom its mail goes to',
    description: 'The link to the Virtual Account is its id, so that a new name changes nothing in the cloud.',
    body: z.object({ name: filledText(100).optional(), notificationEmail: text(254).nullable().optional() }),
    async handle(call) {
      const { context, caller, account, body } = call
      const { name = account.name, notificationEmail = account.notificationEmail } = body
      await changeLocalAccount(context, caller.who, { localAccountId: account.id, name, notificationEmail })
      return afterwards(call)
    },
  }),
  onAccount({
    ...deciding,
    method: 'post',
    path: `${path}/approve`,
    operation: 'approveAccount',
    summary: 'Approve a request for a Local Account',
    async handle(call) {
      await approveLocalAccount(call.context, call.caller.who, call.account.id)
      return afterwards(call)
    },
  }),
  onAccount({
    ...deciding,
    method: 'post',
    path: `${path}/reject`,
    operation: 'rejectAccount',
    summary: 'Reject a request for a Local Account',
    body: z.object({ reason: filledText(1000) }),
    async handle(call) {
      await rejectLocalAccount(call.context, call.caller.who, { localAccountId: call.account.id, reason: call.body.reason })
      return afterwards(call)
    },
  }),
  onAccount({
    ...deciding,
    method: 'post',
    path: `${path}/deactivate`,
    operation: 'deactivateAccount',
    summary: 'Deactivate a registered Local Account',
    description:
      'Its products are answered ACCOUNT_EXPIRED from then on. Refused with 409 while product instances are left, the cloud still counts some, or an exchange is under way, unless "despite" is true.',
    body: z.object({ reason: filledText(1000), despite: z.boolean().default(false) }),
    async handle(call) {
      const { context, caller, account, body } = call
      await deactivateLocalAccount(context, caller.who, { ...body, localAccountId: account.id, confirmation: account.name })
      return afterwards(call)
    },
  }),
  onAccount({
    ...deciding,
    method: 'delete',
    path,
    operation: 'deleteAccount',
    summary: 'Delete a Local Account that is not registered, with everything in it',
    description: 'A registered one is deactivated first. Its registration in the cloud is removed there.',
    answer: z.object({}),
    async handle({ context, caller, account }) {
      await deleteLocalAccount(context, caller.who, { localAccountId: account.id, confirmation: account.name })
      return { statusMessage: `${account.name} was deleted.` }
    },
  }),
]
