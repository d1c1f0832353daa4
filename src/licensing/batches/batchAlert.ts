import type { AlertKey } from '../../storage/alerts.ts'

/** So many product instances at a time: each part is a transaction, and what others do in the account goes on in between. */
export const part = 200

/** The alert by which a long batch is found again while it runs. */
export const batchAlert = ({ localAccountId, id }: { localAccountId: number; id: number }): AlertKey => ({
  localAccountId,
  kind: 'product instances under way',
  subject: String(id),
})
