import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../clock.ts'
import type { Context } from '../context.ts'
import { makeFolder } from '../folders.ts'
import { openIssuer } from '../pki/issue.ts'
import { privateKeyPem, readPrivateKey } from '../pki/keys.ts'
import { makeTlsCertificate, makeTlsRoot } from '../pki/tlsCertificate.ts'
import { type Clock, day, later } from '../rules/clock.ts'
import type { Db } from '../storage/db.ts'
import { findTlsCertificate, type TlsCertificateRecord, upsertTlsCertificate } from '../storage/tlsCertificates.ts'

export type TlsPurpose = TlsCertificateRecord['purpose']
/** What a TLS server is opened with, in PEM, and the root that leads to it. */
export type TlsIdentity = { key: string; chain: string; root: string }

/** A certificate that ends sooner is made anew when the server starts. */
const renewal = 30 * day
/** Any number will do: who makes certificates holds it, so that two servers on one database show one certificate. */
const makingLock = 7_110_010

/** What the sealed keys of a TLS certificate are. */
export const sealedAs = (purpose: TlsPurpose, what: 'key' | 'root key') => `TLS ${what} ${purpose}`

/**
 * The certificate that a port shows: from the database, or made on first use and when the present one is about to end, by a root of the
 * server's own. The root's certificate is also written to `tls/<purpose>-root.pem` in the data folder, for browsers and products to trust. It goes by
 * the machine's clock, as whoever connects does: a laboratory whose clock was moved by a year must still be reached.
 */
export async function ensureTlsCertificate(context: Context, purpose: TlsPurpose, clock: Clock = systemClock): Promise<TlsIdentity> {
  const found = await findTlsCertificate(context.storage.db, purpose)
  const record = found && isGood(clock, found) ? found : await makeUnderLock(context, purpose, clock)
  const folder = join(context.config.dataFolder, 'tls')
  makeFolder(folder, 0o755)
  writeFileSync(join(folder, `${purpose}-root.pem`), record.root)
  return { key: context.secrets.open(record.privateKey, sealedAs(purpose, 'key')).toString(), chain: record.chain, root: record.root }
}

/** An imported chain is the administrator's to renew; one of ours is renewed. */
const isGood = (clock: Clock, record: TlsCertificateRecord) => record.rootKey === null || later(clock.now(), renewal) < record.notAfter

const makeUnderLock = (context: Context, purpose: TlsPurpose, clock: Clock) =>
  context.storage.transaction(async tx => {
    await tx.raw('select pg_advisory_xact_lock(?)', [makingLock])
    const found = await findTlsCertificate(tx, purpose)
    return found && isGood(clock, found) ? found : make(context, tx, { purpose, now: clock.now() }, found)
  })

/** Makes a certificate by the server's own root now, in the place of whatever a port shows; it shows it from the server's next start on. */
export const renewTlsCertificate = (context: Context, purpose: TlsPurpose, clock: Clock = systemClock): Promise<TlsCertificateRecord> =>
  context.storage.transaction(async tx => {
    await tx.raw('select pg_advisory_xact_lock(?)', [makingLock])
    return make(context, tx, { purpose, now: clock.now() }, await findTlsCertificate(tx, purpose))
  })

async function make(
  context: Context,
  tx: Db,
  { purpose, now }: { purpose: TlsPurpose; now: Date },
  former: TlsCertificateRecord | undefined,
): Promise<TlsCertificateRecord> {
  const { pem, privateKey: rootKey } = former?.rootKey
    ? { pem: former.root, privateKey: readPrivateKey(context.secrets.open(former.rootKey, sealedAs(purpose, 'root key')).toString()) }
    : await makeTlsRoot(randomUUID(), now)
  const [first = 'localhost', ...others] = context.config.hostNames
  const made = await makeTlsCertificate(openIssuer(pem, rootKey), [first, ...others], now)
  const record = {
    purpose,
    privateKey: context.secrets.seal(privateKeyPem(made.privateKey), sealedAs(purpose, 'key')),
    chain: made.pem + pem,
    root: pem,
    rootKey: context.secrets.seal(privateKeyPem(rootKey), sealedAs(purpose, 'root key')),
    notAfter: made.notAfter,
  }
  await upsertTlsCertificate(tx, record)
  return record
}
