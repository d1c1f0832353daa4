import type { Db } from './database.ts'

/** A Local Account of an On-Prem server, registered with one Virtual Account. Keys as SubjectPublicKeyInfo in PEM. */
export type Registration = {
  id: number
  serverUuid: string
  localAccountId: string
  localAccountName: string
  virtualAccountId: number
  organization: string
  accountCaKey: string
  serverSigningKey: string
  registeredAt: number
  synchronizedAt: number
  lastSequence: number
  lastRequestHash: string
  lastResponse: string
  chainHash: string
  catalogHash: string
  /** What the last request said of itself, in JSON, for people. */
  reported: string
}

const columns = `r.id, r.server_uuid as serverUuid, r.local_account_id as localAccountId, r.local_account_name as localAccountName,
  r.virtual_account_id as virtualAccountId, r.organization, r.account_ca_key as accountCaKey, r.server_signing_key as serverSigningKey,
  r.registered_at as registeredAt, r.synchronized_at as synchronizedAt, r.last_sequence as lastSequence,
  r.last_request_hash as lastRequestHash, r.last_response as lastResponse, r.chain_hash as chainHash, r.catalog_hash as catalogHash, r.reported`

/** The registration of a Local Account, whatever server says it is its own. */
export const findRegistration = (db: Db, localAccountId: string): Registration | undefined =>
  db.one(`select ${columns} from registrations r where local_account_id = ?`, localAccountId)

/** The registration of a Virtual Account. */
export const findRegistrationOf = (db: Db, virtualAccountId: number): Registration | undefined =>
  db.one(`select ${columns} from registrations r where virtual_account_id = ?`, virtualAccountId)

/** A registration by its number. */
export const findRegistrationById = (db: Db, id: number): Registration | undefined =>
  db.one(`select ${columns} from registrations r where id = ?`, id)

/** A registration as a list shows it. */
export type RegistrationLine = Registration & {
  version: string
  possibleCloneAt: number | null
  smartAccount: string
  virtualAccount: string
  products: number
}

/** Every registration with its server and what it is linked to. */
export const listRegistrations = (db: Db): RegistrationLine[] =>
  db.all(`select ${columns}, s.version, s.possible_clone_at as possibleCloneAt, a.name as smartAccount, v.name as virtualAccount,
            (select count(*) from product_instances p where p.registration_id = r.id) as products
          from registrations r join servers s on s.uuid = r.server_uuid join virtual_accounts v on v.id = r.virtual_account_id
          join smart_accounts a on a.id = v.smart_account_id order by a.name, v.name`)

/** Writes a registration as it now stands, and remembers that this request was seen. */
export function putRegistration(db: Db, registration: Omit<Registration, 'id'>): number {
  const r = registration
  const values = [
    r.serverUuid,
    r.localAccountId,
    r.localAccountName,
    r.virtualAccountId,
    r.organization,
    r.accountCaKey,
    r.serverSigningKey,
  ]
  const state = [
    r.registeredAt,
    r.synchronizedAt,
    r.lastSequence,
    r.lastRequestHash,
    r.lastResponse,
    r.chainHash,
    r.catalogHash,
    r.reported,
  ]
  db.run(
    `insert into registrations (server_uuid, local_account_id, local_account_name, virtual_account_id, organization, account_ca_key,
       server_signing_key, registered_at, synchronized_at, last_sequence, last_request_hash, last_response, chain_hash, catalog_hash, reported)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     on conflict (local_account_id) do update set
       (local_account_name, account_ca_key, server_signing_key, registered_at, synchronized_at, last_sequence, last_request_hash, last_response,
        chain_hash, catalog_hash, reported) =
       (excluded.local_account_name, excluded.account_ca_key, excluded.server_signing_key, excluded.registered_at, excluded.synchronized_at,
        excluded.last_sequence, excluded.last_request_hash, excluded.last_response, excluded.chain_hash, excluded.catalog_hash, excluded.reported)`,
    ...values,
    ...state,
  )
  const { id } = findRegistration(db, r.localAccountId)!
  rememberRequest(db, id, r.lastRequestHash)
  return id
}

/** Takes a registration away: its Virtual Account may be linked anew, and its server is told that nobody knows it. */
export const removeRegistration = (db: Db, id: number): void => void db.run('delete from registrations where id = ?', id)

/** A server was heard of. */
export const putServer = (db: Db, uuid: string, version: string, now: Date): void =>
  void db.run(
    'insert into servers (uuid, version, seen_at) values (?, ?, ?) on conflict (uuid) do update set version = excluded.version, seen_at = excluded.seen_at',
    uuid,
    version,
    now.getTime(),
  )

/** A server sent what a server with one past cannot send: "the second time within 30 days from one server_uuid: flag 'possible clone'". */
export const noteStrangeRequest = (db: Db, uuid: string, now: Date): void =>
  void db.run(
    `update servers set possible_clone_at = case when strange_at > ?1 - 30 * 86400000 then ?1 else possible_clone_at end, strange_at = ?1
     where uuid = ?2`,
    now.getTime(),
    uuid,
  )

/** "keep all hashes": a request is remembered for ever. */
const rememberRequest = (db: Db, registrationId: number, hash: string): void =>
  void db.run('insert or ignore into requests values (?, ?)', registrationId, hash)

/** Whether this request was seen before. */
export const wasSeen = (db: Db, registrationId: number, hash: string): boolean =>
  db.one('select 1 from requests where registration_id = ? and hash = ?', registrationId, hash) !== undefined
