import type { AlertKey } from './alerts.ts'

/** The alert that a request for a Local Account raises at the server while it waits. */
export const accountRequestAlert = ({ uuid }: { uuid: string }): AlertKey => ({
  localAccountId: 0,
  kind: 'account requested',
  subject: uuid,
})

/** The alert that a request for access raises in its account while it waits. */
export const accessRequestAlert = (localAccountId: number, id: number): AlertKey => ({
  localAccountId,
  kind: 'access requested',
  subject: String(id),
})
