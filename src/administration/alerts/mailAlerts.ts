import { type AlertMail, alertInWords, alertMailOf, isWanted, summaryHour } from '../../rules/alertMail.ts'
import { isoDay, later, minute } from '../../rules/clock.ts'
import { reachOf } from '../../rules/roles.ts'
import { counted } from '../../rules/words.ts'
import { type AlertReader, listAlertReaders, listToldAlerts } from '../../storage/alertMail.ts'
import type { Db } from '../../storage/db.ts'
import { findMailSettings } from '../../storage/mailSettings.ts'
import { writeMailTo } from '../../storage/mails.ts'
import { assignmentsOf } from '../../storage/roleAssignments.ts'

/** An alert is told for so long after it was raised; its mail's cause sees to it that nobody gets it twice. */
const lookBack = 10 * minute
/** So many mails of one account at once; whoever has more to read reads it on the page, or in the summary. */
const mostAtOnce = 20
/** A summary tells of so many. */
const mostInSummary = 100

type Account = AlertReader['accounts'][number]

/**
 * "mail: daily summary, immediate alerts, which kinds, which Local Virtual Accounts": tells everybody who asked for it of what their roles let them
 * see at this moment. Writes nothing while nobody has said where mail goes out.
 */
export async function mailAlerts(tx: Db, now: Date): Promise<void> {
  if (!(await findMailSettings(tx))) return
  for (const reader of await listAlertReaders(tx)) {
    const assignments = await assignmentsOf(tx, reader.userId)
    for (const account of reader.accounts) {
      const reach = reachOf({ kind: 'user', name: '', assignments }, 'see licenses', account.id)
      const wish = alertMailOf(reader.preferences, account.uuid)
      const scope = { localAccountId: account.id, reach }
      if (reach.length === 0) continue
      if (wish.immediate)
        await mailEach(
          tx,
          reader,
          account,
          wish,
          await listToldAlerts(tx, scope, { since: later(now, -lookBack), now, limit: mostAtOnce }),
          now,
        )
      if (wish.summary && now.getUTCHours() >= summaryHour)
        await mailSummary(tx, reader, account, wish, await listToldAlerts(tx, scope, { since: null, now, limit: mostInSummary + 1 }), now)
    }
  }
}

type Told = Awaited<ReturnType<typeof listToldAlerts>>

async function mailEach(tx: Db, { userId, email }: AlertReader, account: Account, wish: AlertMail, alerts: Told, at: Date): Promise<void> {
  for (const alert of alerts.filter(one => isWanted(wish, one)))
    await writeMailTo(tx, [email], {
      localAccountId: account.id,
      cause: `alert ${account.id}/${alert.id} to ${userId}`,
      subject: `${account.name}: ${alert.source}, ${alert.kind}`,
      body: `${alertInWords(alert)}\n\n${whereFrom}\n`,
      at,
    })
}

async function mailSummary(
  tx: Db,
  { userId, email }: AlertReader,
  account: Account,
  wish: AlertMail,
  alerts: Told,
  at: Date,
): Promise<void> {
  const wanted = alerts.filter(one => isWanted(wish, one))
  const more = alerts.length > mostInSummary ? '\n\nThere are more in the Licensing workspace.' : ''
  const lines = wanted.map(alertInWords).join('\n')
  await writeMailTo(tx, [email], {
    localAccountId: account.id,
    cause: `alerts of ${account.id} on ${isoDay(at)} to ${userId}`,
    subject: `${account.name}: ${counted(wanted.length, 'open alert', 'open alerts')}`,
    body: `${wanted.length > 0 ? `${lines}${more}` : 'No alert is open. Licenses are sufficient, as far as you see.'}\n\n${whereFrom}\n`,
    at,
  })
}

const whereFrom = 'You have this sent; change it in the Licensing workspace, under Preferences.'
