import { newState, type Registration, type State, type Use } from '../agent/state.ts'
import { type Exclusively, inTurns, type Store } from '../agent/store.ts'
import type { KeyPool } from './keyPool.ts'

/** What products of one account have in common: a hundred thousand of them keep it once. */
export type Shared = Pick<
  Registration,
  | 'issuers'
  | 'signer'
  | 'signerSerial'
  | 'signerIssuers'
  | 'serverSigner'
  | 'smartAccount'
  | 'virtualAccount'
  | 'exportControlled'
  | 'authorizationInterval'
>
/** What a simulated product remembers between two messages: instance, certificate's serial, key, account, dates, entitlement version. */
export type Kept = {
  id: string
  serial: string
  key: string
  shared: number
  registeredAt: number
  renewAt: number
  expiresAt: number
  version: number
  product?: Product
}
/** Who a product is that somebody else made, and how much it uses of which of the roster's tags; all others follow from their numbers. */
export type Product = { pid: string; serialNumber: string; uses: [tag: number, count: number][] }
export type Seat = { number: number; kept: Kept | null; open: State | null }
export type SharedTable = { at(index: number): Shared; indexOf(shared: Shared): number; all(): Shared[] }

/** Keeps each different `Shared` once. It is known by its account and signer, because comparing the whole of it each time would cost too much. */
export function sharedTable(known: readonly Shared[] = []): SharedTable {
  const list = [...known]
  const nameOf = (shared: Shared) => [shared.smartAccount, shared.virtualAccount, shared.signerSerial, shared.exportControlled].join('\n')
  const places = new Map(list.map((shared, index) => [nameOf(shared), index]))
  return {
    at: index => list[index]!,
    all: () => list,
    indexOf(shared) {
      const name = nameOf(shared)
      const place = places.get(name) ?? list.push(shared) - 1
      places.set(name, place)
      return place
    },
  }
}

/** Whose turn it is in a seat that is taken: each job of a product opens a store of its own, and the product still does one thing at a time. */
const turns = new WeakMap<Seat, Exclusively>()

/** A store over a seat: the whole state while a message is under way, a few words afterwards. */
export function storeInSeat(seat: Seat, pool: KeyPool, table: SharedTable, usage: Use[]): Store {
  return {
    read: async () => seat.open ?? inflate(seat.kept, table, usage),
    write: async state => {
      const kept = deflate(state, table)
      seat.open = kept ? null : state
      if (kept) seat.kept = { ...kept, ...(seat.kept?.product && { product: seat.kept.product }) }
    },
    keepKey: async pair => pool.nameOf(pair),
    key: async name => pool.key(name),
    exclusively: deed => turnsIn(seat)(deed),
  }
}

function turnsIn(seat: Seat): Exclusively {
  const known = turns.get(seat) ?? inTurns()
  turns.set(seat, known)
  return known
}

function inflate(kept: Kept | null, table: SharedTable, usage: Use[]): State {
  const state = { ...newState(), usage }
  if (!kept) return state
  const { id, serial, key, registeredAt, renewAt, expiresAt, version } = kept
  const own = { instanceId: id, keyName: key, idCertificate: '', idCertificateSerial: serial, registeredAt, renewAt, expiresAt }
  return {
    ...state,
    entitlementVersion: version,
    reportedVersion: version,
    registration: { ...table.at(kept.shared), ...own, acknowledged: true },
  }
}

/** Nothing while something is open: the state is then kept as it is. */
function deflate({ registration, underWay, waiting, wanted, entitlementVersion }: State, table: SharedTable): Kept | null {
  if (!registration || underWay || waiting || wanted) return null
  const {
    instanceId,
    keyName,
    idCertificate: _,
    idCertificateSerial,
    registeredAt,
    renewAt,
    expiresAt,
    acknowledged: __,
    ...shared
  } = registration
  return {
    id: instanceId,
    serial: idCertificateSerial,
    key: keyName,
    shared: table.indexOf(shared),
    registeredAt,
    renewAt,
    expiresAt,
    version: entitlementVersion,
  }
}
