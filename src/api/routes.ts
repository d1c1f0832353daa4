import { accountLifeRoutes } from './accountLife.ts'
import { accountRoutes } from './accounts.ts'
import { alertRoutes } from './alerts.ts'
import { courierRoutes } from './courier.ts'
import { deviceRoutes } from './devices.ts'
import { eventRoutes } from './events.ts'
import { healthRoutes } from './health.ts'
import { licenseRoutes } from './licenses.ts'
import { metricsRoutes } from './metrics.ts'
import { networkRoutes } from './network.ts'
import { revokeRoutes } from './oauth/revoke.ts'
import { tokenRoutes as accessTokenRoutes } from './oauth/token.ts'
import { descriptionRoute } from './openapi.ts'
import { removeDevicesRoutes } from './removeDevices.ts'
import { reportRoutes } from './reports.ts'
import type { Route } from './route.ts'
import { synchronizationRoutes } from './synchronization.ts'
import { synchronizationSettingsRoutes } from './synchronizationSettings.ts'
import { tokenRoutes } from './tokens.ts'
import { transferRoutes } from './transfers.ts'
import { virtualAccountRoutes } from './virtualAccounts.ts'
import { whyRoutes } from './why.ts'

/** Everything that the API answers. What is not in this table is not there: "default deny". */
export const routes: Route[] = [
  ...accessTokenRoutes,
  ...revokeRoutes,
  ...accountRoutes,
  ...accountLifeRoutes,
  ...virtualAccountRoutes,
  ...licenseRoutes,
  ...whyRoutes,
  ...deviceRoutes,
  ...removeDevicesRoutes,
  ...transferRoutes,
  ...tokenRoutes,
  ...alertRoutes,
  ...eventRoutes,
  ...reportRoutes,
  ...synchronizationRoutes,
  ...courierRoutes,
  ...synchronizationSettingsRoutes,
  ...networkRoutes,
  descriptionRoute(() => routes),
  ...healthRoutes,
  ...metricsRoutes,
]
