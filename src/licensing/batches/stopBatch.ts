import type { Context } from '../../context.ts'
import { clearAlert } from '../../storage/alerts.ts'
import { endBatch } from '../../storage/instanceBatches.ts'
import { batchAlert } from './batchAlert.ts'

/** Stops a batch after the part that is under way: what is done stays done. False when it has ended already. */
export const stopBatch = (context: Context, key: { localAccountId: number; id: number }): Promise<boolean> =>
  context.storage.transaction(async tx => {
    const at = context.clock.now()
    await clearAlert(tx, batchAlert(key), at)
    return endBatch(tx, key, { state: 'stopped', at })
  })
