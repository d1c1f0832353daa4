import { type AlertAnswer, answerAlert, reminderDays } from '../../administration/alerts/answerAlert.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import { may } from '../../rules/roles.ts'
import { findOpenAlert } from '../../storage/alerts.ts'
import { type AlertRow, alertSort, alertStandings, listAlertRows } from '../../storage/pages/alertRows.ts'
import { paths } from '../paths.ts'
import { goTo, say, show } from '../render.ts'
import type { PlaceRule } from '../route.ts'
import { type AccountVisit, field, parameter } from '../visit.ts'
import { addressOf, listModel, oneOf, readQuestion, readSlice, scopeOf } from './list.ts'

const view = (name: string) => ({ page: `licensing/alerts/${name}.njk`, fragment: `licensing/alerts/_${name}.njk` })

/** Alerts: what somebody should do something about, the most severe first. */
export async function alertsPage(visit: AccountVisit): Promise<void> {
  const question = readQuestion(visit)
  const standing = oneOf(visit, 'state', alertStandings) ?? 'open'
  const slice = readSlice(visit, alertSort, question.size)
  const page = await listAlertRows(visit.context.storage.pages, scopeOf(visit), standing, slice, visit.now)
  const asked = { state: standing === 'open' ? '' : standing }
  const list = listModel(visit, paths.licensing.alerts(visit.account.uuid), asked, slice, page)
  if (list.isEmpty && list.first) return goTo(visit, list.first)
  show(visit, view('index'), {
    list,
    standing,
    standings: alertStandings,
    rows: page.rows.map(row => ({ ...row, act: whereToAct(visit, row) })),
  })
}

/** Where what the alert asks for is done, if that is a page of this person's. */
function whereToAct({ account, person }: AccountVisit, { kind, subject }: AlertRow): { words: string; path: string } | undefined {
  const [first, second] = subject.split('/') as [string, string]
  if (kind === 'insufficient licenses') return { words: 'See the license', path: paths.licensing.license(account.uuid, second) }
  if (kind.startsWith('licenses ')) return { words: 'See the license', path: paths.licensing.license(account.uuid, first) }
  if (kind === 'product instances under way') return { words: 'See how far', path: paths.licensing.batch(account.uuid, first) }
  if (kind === 'access requested')
    return may(person, 'manage account', { localAccountId: account.id })
      ? { words: 'Decide', path: paths.licensing.accessRequests(account.uuid) }
      : undefined
  if (kind.startsWith('product instances '))
    return {
      words: 'See them',
      path: addressOf(paths.licensing.productInstances(account.uuid), { place: first, contact: 'failed' }),
    }
  return may(person, 'run server') ? { words: 'See the account', path: paths.admin.account(account.uuid) } : undefined
}

async function getAlert(visit: AccountVisit) {
  const id = Number(parameter(visit, 'alert'))
  const alert = Number.isSafeInteger(id) ? await findOpenAlert(visit.context.storage.pages, visit.account.id, id) : undefined
  refuseUnless(alert, 'NOT_FOUND', 'There is no such open alert. What it warned of may be over.')
  return alert
}

/** Where the alert in the path belongs: its Local Virtual Account, or the account as a whole. */
export const placeOfAlert: PlaceRule = async visit => {
  const { localVirtualAccountId } = await getAlert(visit)
  return { localAccountId: visit.account.id, ...(localVirtualAccountId === null ? {} : { localVirtualAccountId }) }
}

/** When to be reminded. */
export const reminderPage = async (visit: AccountVisit): Promise<void> =>
  show(visit, view('reminder'), { alert: await getAlert(visit), reminderDays })

/** What a dismissal does, and the question whether to. */
export const dismissalPage = async (visit: AccountVisit): Promise<void> => show(visit, view('dismissal'), { alert: await getAlert(visit) })

/** "remind later" */
export const alertPutOff = (visit: AccountVisit): Promise<void> =>
  answered(visit, { do: 'remind', days: Number(field(visit, 'days')) }, 'The alert is put off until then.')

/** "dismiss" */
export const alertDismissed = (visit: AccountVisit): Promise<void> => answered(visit, { do: 'dismiss' }, 'The alert is dismissed.')

/** Takes either back. */
export const alertReopened = (visit: AccountVisit): Promise<void> => answered(visit, { do: 'reopen' }, 'The alert is open again.')

async function answered(visit: AccountVisit, answer: AlertAnswer, words: string): Promise<void> {
  const id = Number(parameter(visit, 'alert'))
  await answerAlert(visit.context, visit.person, { localAccountId: visit.account.id, id }, answer)
  await say(visit, { tone: 'success', words })
  goTo(visit, paths.licensing.alerts(visit.account.uuid))
}
