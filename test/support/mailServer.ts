import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { openIssuer } from '../../src/pki/issue.ts'
import { privateKeyPem } from '../../src/pki/keys.ts'
import { makeTlsCertificate, makeTlsRoot } from '../../src/pki/tlsCertificate.ts'

/** What a mail server got: who from, who to, and the text as it came. */
export type Delivered = { from: string; to: string[]; text: string; user: string | undefined; secure: boolean }

/** A mail server on a port of its own, with a certificate of its own root. */
export type MailServer = {
  port: number
  ca: string
  delivered: Delivered[]
  /** It refuses these recipients. */
  refused: Set<string>
  close(): Promise<void>
}

/** Opens a mail server that takes mail by TLS, by STARTTLS, or in clear; with a user and a password where one is asked for. */
export async function openMailServer({
  secure = false,
  plain = false,
  user,
  password,
  port = 0,
}: {
  secure?: boolean
  plain?: boolean
  user?: string
  password?: string
  port?: number
} = {}): Promise<MailServer> {
  const now = new Date()
  const root = await makeTlsRoot('mail', now)
  const certificate = await makeTlsCertificate(openIssuer(root.pem, root.privateKey), ['localhost', '127.0.0.1'], now)
  const delivered: Delivered[] = []
  const refused = new Set<string>()
  const server = new SMTPServer({
    secure,
    key: privateKeyPem(certificate.privateKey),
    cert: certificate.pem + root.pem,
    authOptional: user === undefined,
    disabledCommands: [...(plain ? ['STARTTLS'] : []), ...(user === undefined ? ['AUTH'] : [])],
    onAuth: (auth, _session, done) =>
      auth.username === user && auth.password === password
        ? done(null, { user: auth.username! })
        : done(new Error('Invalid user or password')),
    onRcptTo: ({ address }, _session, done) =>
      done(refused.has(address) ? Object.assign(new Error('No such user here'), { responseCode: 550 }) : null),
    onData(stream, session, done) {
      stream.toArray().then(pieces => {
        const { mailFrom, rcptTo } = session.envelope
        delivered.push({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(each => each.address),
          text: Buffer.concat(pieces).toString('utf8'),
          user: session.user,
          secure: session.secure,
        })
        done()
      }, done)
    },
  })
  server.on('error', () => {})
  await new Promise<void>(resolve => void server.listen(port, '127.0.0.1', resolve))
  return {
    port: (server.server.address() as AddressInfo).port,
    ca: root.pem,
    delivered,
    refused,
    close: () => new Promise(resolve => void server.close(() => resolve())),
  }
}
