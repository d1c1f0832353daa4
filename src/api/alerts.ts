import { z } from 'zod'
import { type ListedAlert, listingOfAlerts } from '../storage/listings/alerts.ts'
import { filledText, maybeMoment, maybeWritten, moment, oneOf, placeNames, written } from './fields.ts'
import { answerList, listAnswer, paging } from './paging.ts'
import { narrowTo } from './places.ts'
import { inAccount, type Route } from './route.ts'

const severities = ['critical', 'major', 'minor', 'info'] as const

const alert = z.object({
  alertId: z.int(),
  messageType: z.string(),
  severity: z.enum(severities),
  source: z.string(),
  message: z.string(),
  actionDue: z.string(),
  virtualAccount: z.string().nullable(),
  raisedDate: moment,
  clearedDate: maybeMoment,
})

/** Kinds begin with a capital where people read them: "Insufficient licenses". */
const withCapital = (kind: string) => `${kind[0]!.toUpperCase()}${kind.slice(1)}`

const alertEntry = (found: ListedAlert): z.input<typeof alert> => ({
  alertId: found.id,
  messageType: withCapital(found.kind),
  severity: found.severity,
  source: found.source,
  message: found.message,
  actionDue: found.action,
  virtualAccount: found.localVirtualAccount,
  raisedDate: written(found.raisedAt),
  clearedDate: maybeWritten(found.clearedAt),
})

export const alertRoutes: Route[] = [
  inAccount({
    method: 'post',
    path: '/api/v1/accounts/{account}/alerts',
    operation: 'listAlerts',
    tag: 'Alerts and events',
    summary: 'List alerts, the newest first',
    description: 'Cleared alerts are left out unless cleared is "include".',
    scope: 'read',
    act: 'see licenses',
    body: z.object({
      virtualAccounts: placeNames.optional(),
      severity: z.union([oneOf(...severities).transform(one => [one]), z.array(oneOf(...severities)).max(10)]).default([]),
      messageType: z.union([filledText(100).transform(one => [one]), z.array(filledText(100)).max(50)]).default([]),
      cleared: oneOf('include', 'leave out').default('leave out'),
      ...paging,
    }),
    answer: z.object({ alerts: z.array(alert), ...listAnswer }),
    async handle({ context, scope, body }) {
      const db = context.storage.pages
      const narrow = await narrowTo(db, scope, body.virtualAccounts)
      const kinds = body.messageType.map(kind => kind.toLowerCase())
      return answerList(
        'alerts',
        listingOfAlerts(db, narrow, { severities: body.severity, kinds, withCleared: body.cleared === 'include' }),
        body,
        alertEntry,
      )
    },
  }),
]
