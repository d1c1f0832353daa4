import { z } from 'zod'
import { createLocalVirtualAccount } from '../licensing/createLocalVirtualAccount.ts'
import { deleteLocalVirtualAccount } from '../licensing/deleteLocalVirtualAccount.ts'
import type { LocalVirtualAccount } from '../rules/accounts.ts'
import { listLocalVirtualAccounts } from '../storage/localVirtualAccounts.ts'
import { filledText, oneOf, text } from './fields.ts'
import { findPlaceInAccount, isWithin } from './places.ts'
import { inAccount, onAccount, type Route } from './route.ts'

const virtualAccount = z.object({
  id: z.int(),
  name: z.string(),
  description: z.string(),
  isDefault: z.boolean(),
  commerceAccessLevel: z.enum(['PUBLIC', 'PRIVATE']),
})

const virtualAccountEntry = (place: LocalVirtualAccount): z.input<typeof virtualAccount> => ({
  id: place.id,
  name: place.name,
  description: place.description,
  isDefault: place.isDefault,
  commerceAccessLevel: place.isPublic ? 'PUBLIC' : 'PRIVATE',
})

const path = '/api/v1/accounts/{account}/virtual-accounts'
const tag = 'Local Virtual Accounts'

export const virtualAccountRoutes: Route[] = [
  inAccount({
    method: 'get',
    path,
    operation: 'listVirtualAccounts',
    tag,
    summary: 'List the Local Virtual Accounts of an account',
    scope: 'read',
    act: 'see licenses',
    answer: z.object({ virtualAccounts: z.array(virtualAccount), totalRecords: z.int() }),
    async handle({ context, account, scope }) {
      const all = await listLocalVirtualAccounts(context.storage.pages, account.id)
      const seen = all.filter(({ id }) => isWithin(scope, id))
      return { virtualAccounts: seen.map(virtualAccountEntry), totalRecords: seen.length }
    },
  }),
  onAccount({
    method: 'post',
    path,
    operation: 'createVirtualAccount',
    tag,
    summary: 'Create a Local Virtual Account',
    scope: 'accounts',
    act: 'manage account',
    forms: true,
    body: z.object({
      name: filledText(128),
      description: text(255).default(''),
      commerceAccessLevel: oneOf('PUBLIC', 'PRIVATE').default('PUBLIC'),
    }),
    answer: z.object({ virtualAccount }),
    async handle({ context, caller, account, body: { name, description, commerceAccessLevel } }) {
      const wish = { localAccountId: account.id, name, description, isPublic: commerceAccessLevel === 'PUBLIC' }
      return { virtualAccount: virtualAccountEntry(await createLocalVirtualAccount(context, caller.who, wish)) }
    },
  }),
  onAccount({
    method: 'delete',
    path: `${path}/{virtualAccount}`,
    operation: 'deleteVirtualAccount',
    tag,
    summary: 'Delete a Local Virtual Account that holds nothing',
    description: 'It must have neither product instances nor licenses. Its registration tokens go with it.',
    scope: 'accounts',
    act: 'manage account',
    answer: z.object({}),
    async handle({ context, caller, account, scope, parameters }) {
      const { id, name } = await findPlaceInAccount(context.storage.db, scope, parameters.virtualAccount!)
      await deleteLocalVirtualAccount(context, caller.who, { localAccountId: account.id, id })
      return { statusMessage: `The Local Virtual Account ${name} is deleted.` }
    },
  }),
]
