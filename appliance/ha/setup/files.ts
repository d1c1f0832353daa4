import { chmodSync, chownSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { putFile } from '../../../src/files.ts'
import type { Folders } from '../../actions/machine.ts'
import { serviceUser } from '../../actions/run.ts'
import { keepalivedConfig, keepalivedDropIn } from '../../keepalived/keepalived-config.ts'
import { accessMap, accessRules, databaseSettings, pairFolder, synchronousFile, synchronousText } from '../../postgres/pairSettings.ts'
import { appliancePlace, type DatabasePlace } from '../../postgres/place.ts'
import type { Pair } from '../pair.ts'
import type { Credentials } from '../peer.ts'
import { pairPlaces } from '../places.ts'

/** The appliance's cluster, as its settings stand on this machine. */
export const placeOn = ({ host }: Folders): DatabasePlace => ({ ...appliancePlace, settings: join(host, 'postgresql/15/quartermaster') })

/** Whether Debian starts the cluster with the machine: in a pair the agent alone does. */
const startFile = (place: DatabasePlace) => join(place.settings, 'start.conf')
const firewallFile = ({ settings }: Folders) => join(settings, 'firewall/peers.nft')
export const keepalivedFile = ({ host }: Folders) => join(host, 'keepalived/keepalived.conf')
const dropInFolder = ({ host }: Folders) => join(host, 'systemd/system/keepalived.service.d')
/** After the installer's `quartermaster.conf`, which it overrides. */
const replicationFile = (place: DatabasePlace) => join(place.settings, 'conf.d/replication.conf')

/** "The peers of a pair are two sets of the firewall": the database, the agent and VRRP for the other node alone. */
export const firewallText = ({ peer }: Pair): string =>
  `# Written by Quartermaster when the pair is set up.\nadd element inet quartermaster peers${peer.address.includes(':') ? 6 : 4} { ${peer.address} }\n`

/** What a machine of a pair has beside its keys, each with its mode. A file belongs to whom its folder belongs to. */
export function pairFiles(
  folders: Folders,
  pair: Pair,
  { ca, certificate, key }: Credentials,
): { path: string; text: string; mode: number }[] {
  const place = placeOn(folders)
  const within = pairFolder(place)
  return [
    { path: join(within, 'ca.pem'), text: ca, mode: 0o644 },
    { path: join(within, 'node.pem'), text: certificate, mode: 0o644 },
    { path: join(within, 'node.key'), text: key, mode: 0o600 },
    { path: join(within, 'pg_hba.conf'), text: accessRules(pair), mode: 0o640 },
    { path: join(within, 'pg_ident.conf'), text: accessMap(pair, serviceUser), mode: 0o640 },
    { path: replicationFile(place), text: databaseSettings(pair, place), mode: 0o640 },
    { path: synchronousFile(place), text: synchronousText(''), mode: 0o644 },
    { path: startFile(place), text: 'manual\n', mode: 0o644 },
    { path: firewallFile(folders), text: firewallText(pair), mode: 0o644 },
    { path: keepalivedFile(folders), text: keepalivedConfig(pair, pairPlaces(folders).volatile), mode: 0o644 },
    { path: join(dropInFolder(folders), 'quartermaster.conf'), text: keepalivedDropIn(pair), mode: 0o644 },
  ]
}

/** Lays down everything that makes a machine a node, but for starting it. Done again it changes nothing. */
export function layDown(folders: Folders, pair: Pair, credentials: Credentials): void {
  for (const { path, text, mode } of pairFiles(folders, pair, credentials)) {
    ownedFolder(dirname(path))
    putFile(path, text, mode)
  }
}

/** A folder that belongs to whom the one above belongs to. */
export function ownedFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })) return
  ownedFolder(dirname(folder))
  mkdirSync(folder)
  // Whatever the umask of whoever makes it: keepalived and PostgreSQL have to read what the helper lays down.
  chmodSync(folder, 0o755)
  const { uid, gid } = statSync(dirname(folder))
  if (process.getuid?.() === 0) chownSync(folder, uid, gid)
}

/** Takes it all away again: the installer's own settings count once more. */
export function takeUp(folders: Folders): void {
  const place = placeOn(folders)
  for (const path of [pairFolder(place), replicationFile(place), synchronousFile(place), firewallFile(folders)])
    rmSync(path, { recursive: true, force: true })
  for (const path of [keepalivedFile(folders), dropInFolder(folders)]) rmSync(path, { recursive: true, force: true })
  putFile(startFile(place), 'auto\n', 0o644)
}
