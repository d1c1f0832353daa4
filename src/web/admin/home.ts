import { proxyAddress } from '../../rules/proxy.ts'
import { accountLimit, serverLimit, sizeClass } from '../../rules/sizes.ts'
import { mailSetting, mailSettingsFrom } from '../../storage/mailSettings.ts'
import { findAdminOverview, listRecentAlerts } from '../../storage/pages/adminOverview.ts'
import { proxyFrom, proxySetting } from '../../storage/proxySetting.ts'
import { listSettings } from '../../storage/settings.ts'
import { show } from '../render.ts'
import type { Visit } from '../visit.ts'
import { pairAtAGlance } from './highAvailability.ts'
import { readSystemHealth } from './systemHealth.ts'

const view = { page: 'admin/home/index.njk', fragment: 'admin/home/_overview.njk' }
const alertsShown = 8

/** The page of tiles, the health of the system and the alerts that are open. It refreshes by itself. */
export async function adminHome(visit: Visit): Promise<void> {
  const { context, now } = visit
  const { pages } = context.storage
  const [overview, alerts, settings, health] = await Promise.all([
    findAdminOverview(pages, now),
    listRecentAlerts(pages, now, alertsShown),
    listSettings(pages, [mailSetting, proxySetting]),
    readSystemHealth(context),
  ])
  const mail = mailSettingsFrom(settings.get(mailSetting))
  const proxy = proxyFrom(settings.get(proxySetting))?.proxy
  const network = { cloud: context.config.cloudUrl, proxy: proxy && proxyAddress(proxy) }
  const size = { ...sizeClass(overview.products), serverLimit, accountLimit }
  const pair = pairAtAGlance(visit)
  show(visit, view, { overview, alerts, health, size, network, pair, mail: mail && { host: mail.host }, host: context.config.hostNames[0] })
}
