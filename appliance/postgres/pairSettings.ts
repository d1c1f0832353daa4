import { join } from 'node:path'
import type { Pair } from '../ha/pair.ts'
import type { DatabasePlace } from './place.ts'

/** The role that streams, and the one that reads what a rewind needs. Both come by certificate alone. */
export const replicator = 'replicator'
export const rewinder = 'rewinder'

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`
const mask = (address: string) => (address.includes(':') ? 128 : 32)

/** Where the keys that PostgreSQL reads stand, and the other files of a pair. */
export const pairFolder = (place: DatabasePlace) => join(place.settings, 'pair')
/** Which standby commits wait for: rewritten and read again, "not ALTER SYSTEM", which lies in the data. */
export const synchronousFile = (place: DatabasePlace) => join(place.settings, 'conf.d', 'synchronous.conf')
export const synchronousText = (names: string) => `synchronous_standby_names = ${quoted(names)}\n`
/** Commits of a pair in sync wait for this. */
export const inSyncWith = ({ peer }: Pair) => `FIRST 1 ("${peer.name}")`
/** The replication slot for the other node. */
export const slotFor = (name: string) => `pair_${name.replaceAll('-', '_')}`

/** How this node's programs come to the other's database: TLS 1.3, its name checked, our certificate shown. */
export function connectionTo(pair: Pair, place: DatabasePlace, user: string, rest: string): string {
  const folder = pairFolder(place)
  return [
    `host=${pair.peer.name}`,
    `hostaddr=${pair.peer.address}`,
    `port=${pair.databasePort}`,
    `user=${user}`,
    'sslmode=verify-full',
    'ssl_min_protocol_version=TLSv1.3',
    `sslrootcert=${folder}/ca.pem`,
    `sslcert=${folder}/node.pem`,
    `sslkey=${folder}/node.key`,
    'connect_timeout=3',
    rest,
  ].join(' ')
}

/**
 * What PostgreSQL of a pair is set to beside its ordinary settings. The same on both nodes and in both roles, so that a change of roles changes no
 * setting but the names that commits wait for.
 */
export function databaseSettings(pair: Pair, place: DatabasePlace): string {
  const folder = pairFolder(place)
  return `listen_addresses = ${quoted(pair.node.address)}
port = ${pair.databasePort}
hba_file = ${quoted(`${folder}/pg_hba.conf`)}
ident_file = ${quoted(`${folder}/pg_ident.conf`)}
ssl = on
ssl_min_protocol_version = 'TLSv1.3'
ssl_ca_file = ${quoted(`${folder}/ca.pem`)}
ssl_cert_file = ${quoted(`${folder}/node.pem`)}
ssl_key_file = ${quoted(`${folder}/node.key`)}
wal_level = replica
wal_log_hints = on
hot_standby = on
max_wal_senders = 10
max_replication_slots = 10
wal_keep_size = 256MB
# A standby that stays away does not fill this disk: past this it is copied anew.
max_slot_wal_keep_size = 4GB
wal_sender_timeout = 5s
wal_receiver_timeout = 5s
wal_receiver_status_interval = 1s
wal_retrieve_retry_interval = 500ms
tcp_user_timeout = 5000
recovery_target_timeline = 'latest'
primary_slot_name = ${quoted(slotFor(pair.node.name))}
primary_conninfo = ${quoted(connectionTo(pair, place, replicator, `application_name=${pair.node.name}`))}
`
}

/** Who may come: the system's users by the socket as before, and from the network the other node alone, with its certificate. */
export const accessRules = ({ peer }: Pair) => `local all postgres peer map=quartermaster
local all quartermaster peer map=quartermaster
hostssl replication ${replicator} ${peer.address}/${mask(peer.address)} cert map=pair
hostssl postgres ${rewinder} ${peer.address}/${mask(peer.address)} cert map=pair
host all all all reject
`

/** Whom a system's user and a certificate may come as. `service`: the system's user of the server. */
export const accessMap = ({ peer }: Pair, service: string) => `quartermaster ${service} quartermaster
quartermaster root quartermaster
quartermaster postgres postgres
quartermaster root postgres
pair ${peer.name} ${replicator}
pair ${peer.name} ${rewinder}
`

/** Makes the roles that the pair needs, and gives them no more than that; done again it changes nothing. */
export const roleStatements: readonly string[] = [
  `do $$ begin
     if not exists (select from pg_roles where rolname = '${replicator}') then create role ${replicator} login replication; end if;
     if not exists (select from pg_roles where rolname = '${rewinder}') then create role ${rewinder} login; end if;
   end $$`,
  `grant execute on function pg_catalog.pg_ls_dir(text, boolean, boolean) to ${rewinder}`,
  `grant execute on function pg_catalog.pg_stat_file(text, boolean) to ${rewinder}`,
  `grant execute on function pg_catalog.pg_read_binary_file(text) to ${rewinder}`,
  `grant execute on function pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean) to ${rewinder}`,
]

/** Takes a role of the pair away with what it was given; where there is none, nothing. */
export const dropRole = (role: typeof replicator | typeof rewinder): string =>
  `do $$ begin
     if exists (select from pg_roles where rolname = '${role}') then drop owned by ${role}; drop role ${role}; end if;
   end $$`
