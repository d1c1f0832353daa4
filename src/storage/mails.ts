import type { Db } from './db.ts'
import { findMailSettings } from './mailSettings.ts'

/** A file that goes with a mail. */
export type Attachment = { name: string; type: string; content: Buffer }

/** A mail that waits, or was sent. */
export type Mail = {
  id: number
  localAccountId: number
  recipients: string[]
  subject: string
  body: string
  createdAt: Date
  attempts: number
  attachment: Attachment | null
}

/**
 * Writes a mail, in the transaction of what it tells of, to an account's own address and to the server's recipients; `also` are others who should
 * know. `cause` names what it is for: the same is told once. Without recipients, or before anybody has said where mail goes out, there is nothing
 * to write.
 */
export async function writeMail(
  tx: Db,
  mail: { localAccountId: number; cause: string; subject: string; body: string; at: Date; also?: string[] },
): Promise<void> {
  const settings = await findMailSettings(tx)
  if (!settings) return
  const account = await tx('local_accounts').where({ id: mail.localAccountId }).first('notification_email')
  const recipients = [...new Set([account?.notification_email, ...settings.recipients, ...(mail.also ?? [])].filter(Boolean))]
  if (recipients.length > 0) await writeMailTo(tx, recipients, mail)
}

/** Writes a mail to one person, if they have an address and it is said where mail goes out. */
export async function writeMailToPerson(
  tx: Db,
  email: string | null,
  mail: { localAccountId: number; cause: string; subject: string; body: string; at: Date },
): Promise<void> {
  if (email && (await findMailSettings(tx))) await writeMailTo(tx, [email], mail)
}

/** Writes a mail to these recipients and nobody else; `cause` as above. It may carry a file. */
export async function writeMailTo(
  tx: Db,
  recipients: string[],
  mail: { localAccountId: number; cause: string; subject: string; body: string; at: Date; attachment?: Attachment | undefined },
): Promise<void> {
  await tx('mails')
    .insert({
      local_account_id: mail.localAccountId,
      cause: mail.cause,
      recipients,
      subject: mail.subject,
      body: mail.body,
      created_at: mail.at,
      next_at: mail.at,
      ...(mail.attachment && {
        attachment_name: mail.attachment.name,
        attachment_type: mail.attachment.type,
        attachment: mail.attachment.content,
      }),
    })
    .onConflict('cause')
    .ignore()
}

/** Takes the mail that has waited longest, so that whoever else looks sees it planned for `until`. */
export async function claimDueMail(db: Db, now: Date, until: Date): Promise<Mail | undefined> {
  const result = await db.raw(
    `update mails m set next_at = :until, attempts = m.attempts + 1
     from (select id from mails where next_at <= :now order by next_at, id limit 1 for update skip locked) due
     where m.id = due.id
     returning m.id, m.local_account_id as "localAccountId", m.recipients, m.subject, m.body, m.created_at as "createdAt", m.attempts,
       m.attachment_name as name, m.attachment_type as type, m.attachment as content`,
    { now, until },
  )
  if (result.rows.length === 0) return undefined
  const { name, type, content, ...mail } = result.rows[0]
  return { ...mail, attachment: content && { name, type, content } }
}

const withoutFile = { attachment_name: null, attachment_type: null, attachment: null }

/** The mail server has taken it; the file that it carried is not kept. */
export const markMailSent = (db: Db, id: number, at: Date): Promise<void> =>
  db('mails')
    .where({ id })
    .update({ sent_at: at, next_at: null, failure: null, ...withoutFile })
    .then()

/** It did not get to `recipients`, and is tried again for them at `nextAt`; null: no more. */
export const markMailFailed = (
  db: Db,
  id: number,
  { failure, nextAt, recipients }: { failure: string; nextAt: Date | null; recipients: string[] },
): Promise<void> =>
  db('mails')
    .where({ id })
    .update({ failure, next_at: nextAt, recipients, ...(nextAt === null && withoutFile) })
    .then()

/** What waits is due at once: somebody has changed where mail goes out. */
export const hurryMails = (db: Db, at: Date): Promise<void> => db('mails').whereNotNull('next_at').update({ next_at: at }).then()

/** Forgets mail that was sent long ago. */
export const deleteMailsBefore = (db: Db, date: Date): Promise<void> =>
  db('mails').whereNull('next_at').where('created_at', '<', date).delete().then()

/** How many mails wait to be sent. */
export async function countWaitingMails(db: Db): Promise<number> {
  const row = await db('mails').whereNotNull('next_at').count({ count: '*' }).first()
  return Number(row?.count ?? 0)
}
