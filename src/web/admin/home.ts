import { day, later } from '../../rules/clock.ts'
import { accountLimit, serverLimit, sizeClass } from '../../rules/sizes.ts'
import { overdueDays } from '../../rules/synchronization.ts'
import { findMailSettings } from '../../storage/mailSettings.ts'
import { findAdminOverview, listRecentAlerts } from '../../storage/pages/adminOverview.ts'
import { show } from '../render.ts'
import type { Visit } from '../visit.ts'
import { pairAtAGlance } from './highAvailability.ts'
import { networkAtAGlance } from './network.ts'
import { readSystemHealth } from './systemHealth.ts'

const view = { page: 'admin/home/index.njk', fragment: 'admin/home/_overview.njk' }
const alertsShown = 8

/** The page of tiles, the health of the system and the alerts that are open. It refreshes by itself. */
export async function adminHome(visit: Visit): Promise<void> {
  const { context, now } = visit
  const { pages } = context.storage
  const [overview, alerts, health, network, mail] = await Promise.all([
    findAdminOverview(pages, now, later(now, -overdueDays * day)),
    listRecentAlerts(pages, now, alertsShown),
    readSystemHealth(context),
    networkAtAGlance(visit),
    findMailSettings(pages),
  ])
  const size = { ...sizeClass(overview.products), serverLimit, accountLimit }
  const pair = pairAtAGlance(visit)
  show(visit, view, { overview, alerts, health, size, network, pair, mail: mail && { host: mail.host }, host: context.config.hostNames[0] })
}
