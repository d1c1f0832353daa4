import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Db } from './db.ts'
import { runPrepared } from './prepared.ts'

/**
 * What was answered to whom (wire-device 5.4). The unsigned response text is kept, deflated: signed again it gives the same bytes, because
 * RSA PKCS#1 v1.5 is deterministic, and the log that every report writes stays small.
 */
export type Reply = {
  localAccountId: number
  /** The instance's identifier, or the hash of the CSR's key while there is none. */
  sender: Buffer
  nonce: string
  /** SHA-256 of the `request` string. */
  requestHash: Buffer
  text: string
  answeredAt: Date
}

/** The words that every response shares, so that deflate need not write them out again. */
const dictionary = Buffer.from(
  '"tag":"regid.2020-01.com.","version":"1.0","requested_count":,"authorized_count":,"out_of_compliance_count":0,"insufficient_count":0,' +
    '"status":"IN_COMPLIANCE","OUT_OF_COMPLIANCE","INVALID_TAG","display_name":"","description":"","license_type":"PERPETUAL","export_restricted":false,' +
    '"expires_at":null,"signing_cert_serial_number":"","id_cert_serial_number":"","product_instance_identifier":"","agent_actions":null,' +
    '"connect_info":{"name":"onprem","version":"0.1","production":false,"additional_info":"","capabilities":["DLC","MULTITIER","OK_TRY_AGAIN"]}},' +
    '"poll_id":null,"correlation_id":"","response_data":"{\\"entitlement_version\\":,\\"overall_status\\":\\"AUTHORIZED\\",\\"entitlements\\":[{\\"tag\\":\\"' +
    '\\"renew_at\\":,\\"deadline\\":}"{"header":{"version":"1.3","locale":"en_US.UTF-8","request_type":"AUTHORIZATION","nonce":"","timestamp":17,"status":"OK","message_code":null,"message":null',
)

/** A window of 4 KiB holds the dictionary and a reply; small tables and a small first buffer are made and cleared in a third of the time of the usual ones. */
const deflate = (text: string) => deflateRawSync(text, { level: 1, windowBits: 12, memLevel: 3, chunkSize: 1024, dictionary })
const inflate = (bytes: Buffer) => inflateRawSync(bytes, { dictionary }).toString('utf8')

/** What was answered before under a nonce, and to which request. */
export type EarlierReply = Pick<Reply, 'requestHash' | 'text'>

type ReplyKey = Pick<Reply, 'localAccountId' | 'sender' | 'nonce'>
type Row = { request_hash: Buffer | null; reply: Buffer }

/** The reply out of its row, which is empty where a join found none. */
export const earlierReplyFrom = (row: Row): EarlierReply | undefined =>
  row.request_hash ? { requestHash: row.request_hash, text: inflate(row.reply) } : undefined

/** What these senders were answered under these nonces, if they were, in the order they were asked for. */
export async function findReplies(db: Db, keys: ReplyKey[]): Promise<(EarlierReply | undefined)[]> {
  const result = await runPrepared(
    db,
    `select r.request_hash, r.reply
     from unnest(?::integer[], ?::bytea[], ?::text[]) with ordinality as k (local_account_id, sender, nonce, position)
     left join replies r using (local_account_id, sender, nonce)
     order by k.position`,
    [keys.map(key => key.localAccountId), keys.map(key => key.sender), keys.map(key => key.nonce)],
  )
  return (result.rows as Row[]).map(earlierReplyFrom)
}

/** Remembers replies in the transaction of their effects; gives how many were new: of the others a copy was answered first. In the order of the key, so that two writers cannot wait for each other. */
export async function insertReplies(db: Db, replies: Reply[]): Promise<number> {
  const sorted = [...replies].sort((a, b) => a.localAccountId - b.localAccountId || Buffer.compare(a.sender, b.sender))
  const result = await runPrepared(
    db,
    `insert into replies (local_account_id, sender, nonce, request_hash, reply, answered_at)
     select * from unnest(?::integer[], ?::bytea[], ?::text[], ?::bytea[], ?::bytea[], ?::timestamptz[])
     on conflict do nothing`,
    [
      sorted.map(reply => reply.localAccountId),
      sorted.map(reply => reply.sender),
      sorted.map(reply => reply.nonce),
      sorted.map(reply => reply.requestHash),
      sorted.map(reply => deflate(reply.text)),
      sorted.map(reply => reply.answeredAt),
    ],
  )
  return result.rowCount ?? 0
}

/** Forgets what is older than the replay memory: the clock check refuses such messages by itself. */
export const deleteRepliesBefore = (db: Db, before: Date): Promise<number> => db('replies').where('answered_at', '<', before).delete()
