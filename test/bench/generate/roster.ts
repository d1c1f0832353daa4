import type { Context } from '../../../src/context.ts'
import type { KeyPool } from '../../../src/lab/product/fleet/keyPool.ts'
import { hashOfRoot, saveRoster } from '../../../src/lab/product/fleet/roster.ts'
import { type Product, type Seat, type Shared, sharedTable } from '../../../src/lab/product/fleet/seat.ts'
import type { LocalAccount } from '../../../src/rules/accounts.ts'
import { second } from '../../../src/rules/clock.ts'
import { authorizationRenewal, idCertificateRenewal } from '../../../src/rules/lifetimes.ts'
import type { Catalog } from './catalog.ts'
import type { Tx } from './made.ts'

type Row = { n: number; id: string; serial: string; pid: string; serialNumber: string; since: Date; until: Date; uses: Product['uses'] }
type Fleet = { folder: string; root: string; account: LocalAccount; catalog: Catalog; pool: KeyPool }

/**
 * Writes the registered instances of the account that is laid out down as a fleet that `npm run product -- fleet --state` brings to life,
 * and which reports for each what it uses anyway.
 */
export async function writeRoster(tx: Tx, context: Context, { folder, root, account, catalog, pool }: Fleet): Promise<void> {
  const tags = [...catalog.values()]
  const { rows } = await tx.raw(
    `select n, id, c.serial, pid, m.serial as "serialNumber", c.not_before as since, c.not_after as until, uses
     from made m join certificates c on c.product_instance_id = id
     join (select product_instance_id as id, json_agg(json_build_array(array_position(:tags::integer[], tag_id) - 1, quantity)) as uses
           from usage where local_account_id = :account group by 1) used using (id)
     order by n`,
    { account: account.id, tags: tags.map(({ id }) => id) },
  )
  const table = sharedTable([await sharedOf(context, account)])
  const seats = (rows as Row[]).map((row, number): Seat => ({ number, kept: keptOf(row, pool), open: null }))
  await saveRoster(folder, { name: 'BENCH', root: hashOfRoot(root), tags: tags.map(({ tag }) => tag), pool, table, seats, absent: [] })
}

const keptOf = ({ n, id, serial, pid, serialNumber, since, until, uses }: Row, pool: KeyPool) => ({
  id,
  serial,
  key: String(n % pool.pairs.length),
  shared: 0,
  registeredAt: since.getTime(),
  renewAt: since.getTime() + idCertificateRenewal,
  expiresAt: until.getTime(),
  version: 1,
  product: { pid, serialNumber, uses },
})

/** What a registration in this account gives every product alike. */
async function sharedOf({ authority }: Context, account: LocalAccount): Promise<Shared> {
  const { chain, signer } = await authority.of(account.id)
  return {
    issuers: chain,
    signer: signer.certificate.pem,
    signerSerial: signer.serial,
    signerIssuers: signer.chain,
    serverSigner: (await authority.serverSigner())!.certificate.pem,
    smartAccount: account.smartAccount.name,
    virtualAccount: account.virtualAccount.name,
    exportControlled: 'NOT ALLOWED',
    authorizationInterval: authorizationRenewal / second,
  }
}
