import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { type Identity, identityOf, type OtherDevice } from '../agent/identity.ts'
import type { State } from '../agent/state.ts'
import { textOf, UsageError, type Values } from './command.ts'

const defaultPid = 'EX-R1000'

/**
 * Who the product in `folder` is: what the options say, else what it was before, else a name made of the folder's, so that each folder is
 * another product. Throws UsageError where a registered product is called by another name.
 */
export function identityFrom(values: Values, { identity: known, registration }: State, folder: string): Identity {
  const pid = textOf(values, 'pid') ?? known?.pid ?? defaultPid
  const serialNumber = textOf(values, 'sn') ?? known?.serialNumber ?? serialNumberFor(folder)
  const others = values.ha === undefined ? (known?.others ?? []) : parseDevices(values.ha as string[], pid)
  const given = textOf(values, 'hostname') ?? known?.hostname
  const name = given === undefined ? `${pid}-${serialNumber.slice(-4)}`.toLowerCase() : given || null
  for (const [option, text] of Object.entries({ pid, sn: serialNumber })) refuseUnlessName(option, text)
  const tag = known?.pid === pid ? { softwareTag: known.softwareTag } : {}
  const identity = identityOf({ pid, serialNumber, hostname: name, others, ...tag })
  if (registration && known && !isSameProduct(identity, known)) {
    throw new UsageError(
      `The product in ${folder} is registered as PID:${known.pid},SN:${known.serialNumber}: deregister it first, or name another folder with --state.`,
    )
  }
  return identity
}

/** Eleven characters as serial numbers have them, for the folder on this machine. */
const serialNumberFor = (folder: string) =>
  `LAB${createHash('sha256').update(`${hostname()} ${folder}`).digest('hex').slice(0, 8).toUpperCase()}`

const isSameProduct = (one: Identity, other: Identity) =>
  JSON.stringify([one.pid, one.serialNumber, one.others]) === JSON.stringify([other.pid, other.serialNumber, other.others])

/** "`udi_pid` 1..64, `udi_serial_number` 1..64" (5.1). */
function refuseUnlessName(option: string, text: string): void {
  if (!/^[^\p{Cc}]{1,64}$/u.test(text)) throw new UsageError(`--${option} must have 1 to 64 printable characters.`)
}

/**
 * The devices of `--ha`: `PID:SN`, or the serial number alone for one of the same kind, with a role and a hostname behind it where they are
 * wanted. As on a router, `PID:…,SN:…` is understood too. The first is the standby, the others are members, unless they say otherwise.
 */
export function parseDevices(lists: readonly string[], ownPid: string): OtherDevice[] {
  const items = lists.flatMap(list => list.replace(/PID:([^,]+),SN:/gi, '$1:').split(/[,;\s]+/)).filter(item => item !== '')
  if (items.length > 15) throw new UsageError('--ha takes 15 devices at most: a product has 16 with itself.')
  return items.map((item, index) => {
    const [first = '', second, role = index === 0 ? 'Standby' : 'Member', name] = item.split(':')
    const device = second === undefined ? { pid: ownPid, serialNumber: first } : { pid: first, serialNumber: second }
    const known = (['Standby', 'Member'] as const).find(word => word.toLowerCase() === role.toLowerCase())
    if (!device.pid || !device.serialNumber || !known) {
      throw new UsageError(`'${item}' of --ha is no device: write PID:SN, or PID:SN:Standby or PID:SN:Member.`)
    }
    return { ...device, hostname: name || null, role: known }
  })
}
