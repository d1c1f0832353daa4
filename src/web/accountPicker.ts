import { listAccountsFor } from '../storage/pages/accountPicker.ts'
import { show } from './render.ts'
import { queried, type Visit } from './visit.ts'

const view = { page: 'public/accountPicker.njk', fragment: 'shared/_accountPicker.njk' }
const most = 20

/** The Local Accounts to go to, as somebody types. Without scripts it is a page of its own. */
export async function accountPicker(visit: Visit): Promise<void> {
  const search = (queried(visit, 'search') ?? '').trim().slice(0, 100)
  const found = await listAccountsFor(visit.context.storage.pages, visit.person, search, most + 1)
  show(visit, view, { search, accounts: found.slice(0, most), more: found.length > most })
}
