import { day, hour, later, minute } from './clock.ts'
import { refuseUnless } from './refusal.ts'
import { isEmail } from './registrations.ts'

/** How the connection to the mail server is protected: TLS from the first byte, TLS by STARTTLS (and no mail without it), or not at all. */
export const mailSecurities = ['tls', 'starttls', 'none'] as const

/** Where mail goes out. The password is kept apart, sealed. */
export type MailSettings = {
  host: string
  port: number
  security: (typeof mailSecurities)[number]
  user: string | null
  from: string
  /** Who gets the server's own mail, and a copy of that of accounts. */
  recipients: string[]
  /** Certificates to trust for the mail server beside the usual ones, in PEM. */
  ca: string | null
}

const hostShape = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_.-]*[a-z0-9])?$|^[0-9a-f:.]+$/i

/** Refuses settings with which no mail can go out. */
export function checkMailSettings(settings: MailSettings): MailSettings {
  const { host, port, security, user, from, recipients, ca } = settings
  refuseUnless(hostShape.test(host), 'INVALID', 'Give the name or the address of the mail server.', 'host')
  refuseUnless(Number.isInteger(port) && port >= 1 && port <= 65_535, 'INVALID', 'Give a port from 1 to 65535.', 'port')
  refuseUnless(mailSecurities.includes(security), 'INVALID', 'Choose TLS, STARTTLS or none.', 'security')
  refuseUnless(user === null || security !== 'none', 'INVALID', 'A password is not sent without TLS: choose TLS or STARTTLS.', 'security')
  refuseUnless(isEmail(from), 'INVALID', 'Give an e-mail address such as licenses@example.com.', 'from')
  refuseUnless(recipients.length <= 20 && recipients.every(isEmail), 'INVALID', 'Give up to 20 e-mail addresses.', 'recipients')
  refuseUnless(ca === null || ca.includes('-----BEGIN CERTIFICATE-----'), 'INVALID', 'Give the certificates in PEM.', 'ca')
  return settings
}

/** When a mail is tried again after so many attempts: after a minute, and twice as long each time, up to an hour. */
export const mailRetryAt = (attempts: number, now: Date): Date => later(now, Math.min(minute * 2 ** Math.min(attempts - 1, 10), hour))

/** A mail that the mail server does not take for somebody is tried again for so long. */
export const mailRefusedLife = day

/** From so many failed attempts in a row on (about a quarter of an hour), somebody should look. */
export const mailAttemptsBeforeAlert = 5
