import type { Context } from '../../../src/context.ts'
import type { KeyPool } from '../../../src/lab/product/fleet/keyPool.ts'
import type { AccountAuthority } from '../../../src/pki/authority.ts'
import { issueIdCertificate, prepareIdCertificate } from '../../../src/pki/idCertificate.ts'
import { later, second } from '../../../src/rules/clock.ts'
import { udiUrn } from '../../../src/wire/udi.ts'
import { deterministicUuid } from './deterministic.ts'
import type { Plot, Tx } from './made.ts'

/** About so many instances get a certificate of their own: of the first account, whose instances the roster brings to life, and of each other. */
const ownCertificates = { first: 4000, other: 200 }

/** An ID certificate lives 365 days and is renewed at 180; one in 256 instances failed to. */
const notBefore = `registered_at + case when state = 'REGISTERED' then interval '180 days' * (
    trunc(extract(epoch from :now::timestamptz - registered_at) / 86400 / 180)
    - case when h >> 34 & 255 = 0 and :now::timestamptz - registered_at > interval '190 days' then 1 else 0 end)
  else interval '0' end`

/**
 * Writes a certificate for each instance. Signing two million would take twenty minutes and try nothing: so some instances of each account,
 * spread evenly, get one of their own, and the others share one a key of the pool. It is valid, of their account, and for the key that the
 * roster gives them, and names another instance; the server looks a certificate up by account, instance and serial and takes only its key
 * from it, so all of them can speak.
 */
export async function insertCertificates(tx: Tx, context: Context, plot: Plot, pool: KeyPool): Promise<void> {
  const { localAccountId, now } = plot
  await shareCertificates(tx, await context.authority.of(localAccountId), pool, plot)
  await tx.raw(
    `insert into certificates (local_account_id, serial, product_instance_id, state, der, not_before, not_after)
     select :account, hashint8extended(n, :ordinal::bigint + 1000) & 9223372036854775807, id,
       case when state = 'PENDING_ACK' then 'unacknowledged' else 'current' end, der, since, since + interval '365 days'
     from made join shared on shared.key = n % :keys cross join lateral (select ${notBefore} as since) s
     where n % :step <> 0 order by n`,
    { account: localAccountId, ordinal: plot.ordinal, keys: pool.pairs.length, step: stepOf(plot), now },
  )
  await issueOwn(tx, await context.authority.of(localAccountId), pool, plot)
}

/** One of so many instances gets its own; of a small account, every second. */
const stepOf = ({ ordinal, crowd }: Plot): number => {
  const own = ordinal === 0 ? ownCertificates.first : ownCertificates.other
  return Math.max(2, Math.floor((crowd.registered + crowd.expired + crowd.pending) / own))
}

/** The shared certificates, one a key, as a table of this transaction. */
async function shareCertificates(tx: Tx, authority: AccountAuthority, pool: KeyPool, { ordinal, now }: Plot): Promise<void> {
  const ders = await Promise.all(
    pool.pairs.map(async ({ publicKey }, key) => {
      const productInstanceId = deterministicUuid(`shared ${ordinal} ${key}`)
      const subject = { publicKey, product: 'QR-8202', productInstanceId, udis: [`urn:udi:QR-8202:SHARED${key}`] }
      return (await issueIdCertificate(prepareIdCertificate(authority, subject, now))).der
    }),
  )
  await tx.raw('create temporary table shared (key integer, der bytea) on commit drop')
  await tx.raw('insert into shared select ordinality - 1, der from unnest(?::bytea[]) with ordinality as d (der, ordinality)', [ders])
}

type Own = { n: number; id: string; state: string; pid: string; serial: string; since: Date }

async function issueOwn(tx: Tx, authority: AccountAuthority, pool: KeyPool, plot: Plot): Promise<void> {
  const { rows } = await tx.raw(
    `select n, id, state, pid, serial, date_trunc('seconds', ${notBefore}) as since from made where n % :step = 0 order by n`,
    { step: stepOf(plot), now: plot.now },
  )
  const issued = await Promise.all(
    (rows as Own[]).map(({ n, id, pid, serial, since }) => {
      const { publicKey } = pool.pairs[n % pool.pairs.length]!
      const udis = [udiUrn({ udi_pid: pid, udi_serial_number: serial, uuid: null })]
      return issueIdCertificate(
        prepareIdCertificate(authority, { publicKey, product: pid, productInstanceId: id, udis }, later(since, second)),
      )
    }),
  )
  await tx.raw(
    `insert into certificates (local_account_id, serial, product_instance_id, state, der, not_before, not_after)
     select ?, c.* from unnest(?::numeric[], ?::uuid[], ?::text[], ?::bytea[], ?::timestamptz[], ?::timestamptz[]) as c`,
    [
      plot.localAccountId,
      issued.map(certificate => certificate.serial),
      rows.map((row: Own) => row.id),
      rows.map((row: Own) => (row.state === 'PENDING_ACK' ? 'unacknowledged' : 'current')),
      issued.map(certificate => certificate.der),
      issued.map(certificate => certificate.notBefore),
      issued.map(certificate => certificate.notAfter),
    ],
  )
}
