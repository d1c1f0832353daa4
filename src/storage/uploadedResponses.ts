import type { Db } from './db.ts'

/** A courier's response that was uploaded and found good, and waits to be applied. */
export type UploadedResponse = { file: string; uploadedAt: Date; uploadedBy: string }

/** Keeps an uploaded response in the place of the one before. */
export async function putUploadedResponse(
  db: Db,
  localAccountId: number,
  { file, uploadedAt, uploadedBy }: UploadedResponse,
): Promise<void> {
  await db('uploaded_responses')
    .insert({ local_account_id: localAccountId, file, uploaded_at: uploadedAt, uploaded_by: uploadedBy })
    .onConflict('local_account_id')
    .merge()
}

/** The uploaded response of an account, if one waits. */
export async function findUploadedResponse(db: Db, localAccountId: number): Promise<UploadedResponse | undefined> {
  const row = await db('uploaded_responses').where({ local_account_id: localAccountId }).first()
  return row && { file: row.file, uploadedAt: row.uploaded_at, uploadedBy: row.uploaded_by }
}

/** Forgets it: it was applied, or nobody wants it any more. */
export async function deleteUploadedResponse(db: Db, localAccountId: number): Promise<void> {
  await db('uploaded_responses').where({ local_account_id: localAccountId }).delete()
}
