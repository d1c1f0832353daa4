import type { LocalAccount } from '../rules/accounts.ts'
import type { ProductInstance } from '../rules/productInstances.ts'
import type { IdCertificate } from './certificates.ts'
import type { Db } from './db.ts'
import { type LocalAccountRow, localAccountFrom } from './localAccounts.ts'
import { runPrepared } from './prepared.ts'
import { instanceColumns, type ProductInstanceRow, productInstanceFrom } from './productInstances.ts'
import { type EarlierReply, earlierReplyFrom } from './replies.ts'

/** How a message names its sender: the account's number out of the instance's identifier, the certificate that signed, and its nonce. */
export type SenderKey = { localAccountId: number; productInstanceId: string; certificateSerial: string; nonce: string }

/** An instance with the certificate it signs with. */
export type Sender = { instance: ProductInstance; certificate: IdCertificate }

/** What decides whether an account's products are answered. */
export type AccountState = Pick<LocalAccount, 'id' | 'state' | 'lastSynchronizedAt'>

/** All that the door must know of a message's sender before it believes a word, as far as it is there. */
export type SenderFacts = { account: AccountState | undefined; sender: Sender | undefined; earlier: EarlierReply | undefined }

/** The accounts of a group of messages, in the order they were asked for; undefined for a number that none has. */
export async function findAccountsOf(db: Db, ids: number[]): Promise<(LocalAccount | undefined)[]> {
  const rows: LocalAccountRow[] = await db('local_accounts').whereIn('id', [...new Set(ids)])
  const accounts = new Map(rows.map(row => [row.id, localAccountFrom(row)]))
  return ids.map(id => accounts.get(id))
}

type Row = Omit<ProductInstanceRow, 'id'> & {
  account_id: number | null
  account_state: LocalAccount['state']
  last_synchronized_at: Date | null
  id: string | null
  serial: string
  certificate_state: IdCertificate['state']
  der: Buffer
  not_before: Date
  not_after: Date
  request_hash: Buffer | null
  reply: Buffer
}

/**
 * The senders of a group of messages, in the order they were asked for. No sender when the account has no such instance, or the instance no
 * such certificate: "look the instance up *within the account*, never by PIID alone" (wire-device 5.11).
 */
export async function findSenders(db: Db, keys: SenderKey[]): Promise<SenderFacts[]> {
  const result = await runPrepared(
    db,
    `select a.id as account_id, a.state as account_state, a.last_synchronized_at, ${instanceColumns},
            c.serial, c.state as certificate_state, c.der, c.not_before, c.not_after, r.request_hash, r.reply
     from unnest(?::integer[], ?::uuid[], ?::numeric[], ?::text[]) with ordinality as k (account, instance, serial, nonce, position)
     left join local_accounts a on a.id = k.account
     left join certificates c on c.local_account_id = k.account and c.serial = k.serial and c.product_instance_id = k.instance
     left join product_instances i on i.local_account_id = c.local_account_id and i.id = c.product_instance_id
     left join replies r on r.local_account_id = k.account and r.sender = uuid_send(k.instance) and r.nonce = k.nonce
     order by k.position`,
    [
      keys.map(key => key.localAccountId),
      keys.map(key => key.productInstanceId),
      keys.map(key => key.certificateSerial),
      keys.map(key => key.nonce),
    ],
  )
  return (result.rows as Row[]).map(row => ({ account: accountFrom(row), sender: senderFrom(row), earlier: earlierReplyFrom(row) }))
}

const accountFrom = (row: Row): AccountState | undefined =>
  row.account_id === null ? undefined : { id: row.account_id, state: row.account_state, lastSynchronizedAt: row.last_synchronized_at }

const senderFrom = ({ id, ...row }: Row): Sender | undefined =>
  id === null
    ? undefined
    : {
        instance: productInstanceFrom({ ...row, id }),
        certificate: {
          localAccountId: row.local_account_id,
          serial: row.serial,
          productInstanceId: id,
          state: row.certificate_state,
          der: row.der,
          notBefore: row.not_before,
          notAfter: row.not_after,
        },
      }
