import type { Api } from './api.ts'
import { type Memory, remember } from './memory.ts'

type CloudClient = { clientId: string; clientSecret: string }

/** The Local Accounts of the laboratory; the first is the one that things are shown on. */
const names = ['Laboratory', 'Second site']
export const smartAccount = 'Example Corp'
/** "its token lives 400 days or longer": a year may pass on the laboratory's clock. */
const tokenDays = 3650

/** Registers each Local Account with the cloud and makes its token, unless a former start did. Each is remembered as soon as it is there. */
export async function ensureAccounts(api: Api, cloud: CloudClient, data: string, memory: Memory): Promise<Required<Memory>['accounts']> {
  const accounts = memory.accounts ?? []
  for (const name of names.slice(accounts.length)) {
    const id = await registered(api, cloud, name)
    const path = `/api/v1/accounts/${id}/virtual-accounts/Default/tokens`
    const made = await api.post(path, { description: 'Made by the laboratory', expiresAfterDays: tokenDays, exportControlled: 'Allowed' })
    accounts.push({ id, name, token: (made.tokenInfo as { token: string }).token })
    remember(data, { ...memory, accounts })
  }
  return accounts
}

/** A start that was interrupted may have registered the account already. */
async function registered(api: Api, cloud: CloudClient, name: string): Promise<string> {
  const { accounts } = (await api.get('/api/v1/accounts')) as { accounts: { id: string; name: string }[] }
  const known = accounts.find(account => account.name === name)
  if (known) return known.id
  const answer = await api.post('/api/v1/accounts', { name, smartAccount, virtualAccount: name, ...cloud })
  return (answer.account as { id: string }).id
}
