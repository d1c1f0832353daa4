import type { Context } from '../context.ts'
import { refuseUnless } from '../rules/refusal.ts'
import type { Person } from '../rules/roles.ts'
import { lockLocalAccount } from '../storage/localAccounts.ts'
import { findUploadedResponse, putUploadedResponse } from '../storage/uploadedResponses.ts'
import { applySynchronization, refuseUnlessAnswer } from './applySynchronization.ts'
import { openResponse } from './openResponse.ts'
import { tellingProgress } from './tellProgress.ts'

/**
 * Takes in a courier's response and applies nothing yet: a person looks at what is in it first. All that is held against a response is held
 * against it here already, so that what waits can be applied.
 */
export async function uploadResponse(
  context: Context,
  who: Person,
  { localAccountId, file }: { localAccountId: number; file: Uint8Array },
): Promise<void> {
  const response = await openResponse(context, file)
  await context.storage.transaction(async tx => {
    const now = context.clock.now()
    await refuseUnlessAnswer(tx, await lockLocalAccount(tx, localAccountId), response, now)
    await putUploadedResponse(tx, localAccountId, { file: response.text, uploadedAt: now, uploadedBy: who.name })
  })
}

/** Applies the response that waits. */
export async function applyUploadedResponse(context: Context, who: Person, localAccountId: number) {
  const uploaded = await findUploadedResponse(context.storage.db, localAccountId)
  refuseUnless(uploaded, 'NO_PENDING_REQUEST', 'No uploaded response waits to be applied. Upload it once more.')
  return tellingProgress(context, localAccountId, tell => {
    tell('applying')
    return applySynchronization(context, who, { localAccountId, file: uploaded.file })
  })
}
