import type { Landing } from '../rules/preferences.ts'
import { may } from '../rules/roles.ts'
import { listAccountsFor } from '../storage/pages/accountPicker.ts'
import { paths } from './paths.ts'
import { goTo, show } from './render.ts'
import type { Visit } from './visit.ts'

/** The Licensing workspace begins with the account last looked at, else with the first there is; without one it says what to do. */
export async function home(visit: Visit): Promise<void> {
  const [first] = await listAccountsFor(visit.context.storage.pages, visit.person, '', 1)
  const account = visit.lastAccount ?? first
  if (account) return goTo(visit, landingOf(visit, account.uuid))
  if (may(visit.person, 'see server')) return goTo(visit, paths.admin.home)
  show(visit, { page: 'public/noAccount.njk', fragment: 'public/noAccount.njk' })
}

/** The page that somebody likes to begin with. */
function landingOf({ user }: Visit, account: string): string {
  const { licensing } = paths
  const pages: Record<Landing, (account: string) => string> = {
    overview: licensing.overview,
    alerts: licensing.alerts,
    licenses: licensing.licenses,
    'product-instances': licensing.productInstances,
    tokens: licensing.tokens,
    reports: licensing.reports,
  }
  return pages[user.preferences.landing](account)
}
