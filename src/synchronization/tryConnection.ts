import type { TriedStep } from '../cloud/carrier.ts'
import type { Context } from '../context.ts'
import { Refusal } from '../rules/refusal.ts'
import { openCloudCredentials } from './cloudCredentials.ts'

/** What came of a trial: every step, and the one that failed, if one did. */
export type Trial = { steps: TriedStep[]; failed: TriedStep | undefined }

/**
 * "*Test connection*": goes the way to the cloud up to the sign-in, as whom an account goes it (0: the server), and names the step that fails. It
 * carries nothing and changes nothing.
 */
export async function tryConnection(context: Context, localAccountId = 0): Promise<Trial> {
  const credentials = await openCloudCredentials(context, localAccountId).catch((error: unknown) => {
    if (error instanceof Refusal) return undefined
    throw error
  })
  const steps = await context.cloud.tryOut(credentials, () => context.clock.now())
  return { steps, failed: steps.find(({ outcome }) => outcome === 'failed') }
}
