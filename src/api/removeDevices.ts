import { z } from 'zod'
import { removeProductInstance } from '../licensing/removeProductInstance.ts'
import { Refusal } from '../rules/refusal.ts'
import { findProductInstance } from '../storage/productInstances.ts'
import { eachOf, fate, someDone } from './eachOf.ts'
import { filledText, text } from './fields.ts'
import { inPlace, type Route } from './route.ts'

export const removeDevicesRoutes: Route[] = [
  inPlace({
    method: 'post',
    path: '/api/v1/accounts/{account}/virtual-accounts/{virtualAccount}/devices/remove',
    operation: 'removeDevices',
    tag: 'Product instances',
    summary: 'Remove product instances and free their licenses',
    scope: 'inventory',
    act: 'remove instances',
    body: z.object({ productInstances: z.array(filledText(64)).min(1).max(1000), reason: text(255).optional() }),
    answer: z.object({ removeProductInstancesStatus: z.array(z.object({ ...fate, productInstanceId: z.string() })) }),
    also: someDone,
    async handle({ context, caller, account, place, body }) {
      return eachOf(
        'removeProductInstancesStatus',
        body.productInstances,
        productInstanceId => ({ productInstanceId }),
        async id => {
          const found = await findProductInstance(context.storage.db, account.id, id)
          if (found?.localVirtualAccountId !== place.id) throw new Refusal('NOT_FOUND', 'There is no such product instance here.')
          await removeProductInstance(context, caller.who, { localAccountId: account.id, id, ...(body.reason && { reason: body.reason }) })
          return `${found.name} is removed and its licenses are free.`
        },
      )
    },
  }),
]
