import { rootCertificates } from 'node:tls'
import { createTransport } from 'nodemailer'
import { second } from '../rules/clock.ts'
import type { MailSettings } from '../rules/mail.ts'
import { Refusal } from '../rules/refusal.ts'

/** A mail as it goes out. `messageId` is the same each time it is tried, so that one that was taken twice shows. */
export type OutgoingMail = {
  to: string[]
  subject: string
  text: string
  messageId: string
  date: Date
  attachment?: { name: string; type: string; content: Buffer } | null
}

/**
 * Gives one mail to the mail server; gives the recipients that it does not take mail for. Refuses with what it said, or why it cannot be reached; a
 * sentence that says what to do, and no secret.
 */
export async function sendMail(settings: MailSettings, password: string | null, outgoing: OutgoingMail): Promise<string[]> {
  const { attachment, ...mail } = outgoing
  const attachments = attachment ? [{ filename: attachment.name, contentType: attachment.type, content: attachment.content }] : []
  const { host, port, security, user, from, ca } = settings
  const transport = createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(user !== null && { auth: { user, pass: password ?? '' } }),
    tls: { minVersion: 'TLSv1.2', ...(ca !== null && { ca: [...rootCertificates, ca] }) },
    connectionTimeout: 20 * second,
    greetingTimeout: 20 * second,
    socketTimeout: 60 * second,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  try {
    const { rejected } = await transport.sendMail({ from: { name: 'Quartermaster', address: from }, ...mail, attachments })
    return rejected
  } catch (error) {
    const { rejected } = error as SmtpError
    if (rejected && rejected.length === mail.to.length) return mail.to
    throw new Refusal('MAIL_NOT_SENT', sentenceOf(settings, error as SmtpError))
  } finally {
    transport.close()
  }
}

type SmtpError = Error & { code?: string; response?: string; rejected?: unknown[] }

/** What is said of recipients that a mail server does not take. */
export const refusedSentence = (recipients: string[]): string => `The mail server does not take mail for ${recipients.join(', ')}.`

function sentenceOf({ host, port }: MailSettings, { code, response, message }: SmtpError): string {
  const at = `The mail server ${host}:${port}`
  if (code === 'EAUTH') return `${at} does not let this server in. Check user and password.`
  if (code === 'ETLS' || code === 'ESOCKET') return `${at} cannot be trusted or reached: ${message}`
  if (code === 'ECONNECTION' || code === 'ETIMEDOUT' || code === 'EDNS') return `${at} cannot be reached: ${message}`
  return `${at} did not take the mail: ${response ?? message}`
}
