import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Machine } from '../../actions/machine.ts'
import { succeed } from '../../actions/succeed.ts'
import { dropRole, replicator, rewinder, roleStatements } from '../../postgres/pairSettings.ts'
import { unmarkStandby } from '../../postgres/rejoin.ts'
import { openClaim } from '../claim.ts'
import { readCredentials } from '../keys.ts'
import type { Pair } from '../pair.ts'
import { pairPlaces } from '../places.ts'
import { keepalivedFile, layDown, placeOn, takeUp } from './files.ts'
import { disable, enable } from './units.ts'

const systemctl = '/usr/bin/systemctl'
const server = 'quartermaster.service'
const agent = 'quartermaster-ha.service'
const failover = 'keepalived.service'
const database = 'postgresql@15-quartermaster.service'
/** A database may take long to write down what it has before it stops. Milliseconds. */
const patience = 300_000

const systemd = (machine: Machine, ...words: string[]) => machine.run(systemctl, words, { timeout: patience })

/** Has the firewall read its additions again; a peer that cannot come through is no peer. */
const renewFirewall = (machine: Machine) =>
  succeed(machine, systemctl, ['reload-or-restart', 'nftables.service'], 'The firewall was not read anew')

/** A statement as the superuser of the own database, over its socket. */
async function ask(machine: Machine, statement: string, name = 'postgres'): Promise<string> {
  const { programs, socket, port, user } = placeOn(machine.folders)
  const words = [
    `${programs}/psql`,
    '-X',
    '-q',
    '-t',
    '-A',
    '-v',
    'ON_ERROR_STOP=1',
    '-h',
    socket,
    '-p',
    String(port),
    '-d',
    name,
    '-c',
    statement,
  ]
  return succeed(machine, '/usr/sbin/runuser', ['-u', user, '--', ...words], 'The database refused')
}

/**
 * Makes this machine a node: from here on its agent alone starts and stops the database and the server. `owner`: the one whose database is the truth;
 * the other one has none and copies it. Each step may be done again.
 */
export async function becomeNode(machine: Machine, pair: Pair, { owner }: { owner: boolean }): Promise<void> {
  const { folders } = machine
  const places = pairPlaces(folders)
  if (owner) for (const statement of roleStatements) await ask(machine, statement)
  machine.tell({ step: 'stopping the server and the database' })
  await systemd(machine, 'stop', server)
  await systemd(machine, 'stop', database)
  disable(folders, server)
  layDown(folders, pair, readCredentials(places.keys))
  await succeed(machine, '/usr/sbin/keepalived', ['-t', '-f', keepalivedFile(folders)], 'keepalived refused its settings')
  forgetClaim(machine)
  const claim = openClaim(places.state, { cluster: pair.cluster, node: pair.node.name })
  if (owner) claim.write({ epoch: 1, owner: pair.node.name, mode: 'alone' })
  else rmSync(placeOn(folders).data, { recursive: true, force: true })
  enable(folders, agent)
  enable(folders, failover, '/lib/systemd/system/keepalived.service')
  await systemd(machine, 'daemon-reload')
  await renewFirewall(machine)
  machine.tell({ step: 'starting the agent' })
  await succeed(machine, systemctl, ['start', agent, failover], 'The agent of the pair did not start')
}

/** What a former pair has written; what it has set aside of a conflict stays. */
function forgetClaim({ folders }: Machine): void {
  const { state, volatile } = pairPlaces(folders)
  rmSync(join(state, 'state.json'), { force: true })
  rmSync(volatile, { recursive: true, force: true })
}

/** What a machine that leaves the pair does with the database that it has. */
export type Left = 'serves' | 'keeps it' | 'is emptied'

/**
 * Makes a stand-alone machine of a node, whatever state it is in. One that has been the standby and keeps its data does not serve: two servers of the
 * same accounts would both speak to the cloud.
 */
export async function standAlone(machine: Machine, left: Left): Promise<void> {
  const { folders } = machine
  const places = pairPlaces(folders)
  const place = placeOn(folders)
  machine.tell({ step: 'stopping the agent, the server and the database' })
  for (const unit of [failover, agent, server, database]) await systemd(machine, 'stop', unit)
  for (const unit of [failover, agent]) disable(folders, unit)
  takeUp(folders)
  forgetClaim(machine)
  rmSync(places.keys, { recursive: true, force: true })
  if (left === 'is emptied') await makeEmpty(machine)
  unmarkStandby(place)
  if (left !== 'keeps it') enable(folders, server)
  await systemd(machine, 'daemon-reload')
  await renewFirewall(machine)
  machine.tell({ step: 'starting the database' })
  await succeed(machine, systemctl, ['start', database], 'The database did not start')
  if (left === 'is emptied') {
    await ask(machine, 'create role quartermaster login createdb')
    await ask(machine, "create database quartermaster owner quartermaster template template0 encoding 'UTF8' locale 'C.UTF-8'")
  } else {
    for (const role of [replicator, rewinder] as const) await ask(machine, dropRole(role))
    await ask(machine, "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_type = 'physical' and not active")
  }
  if (left === 'keeps it') return
  machine.tell({ step: 'starting the server' })
  await succeed(machine, systemctl, ['start', server], 'The server did not start')
}

/** A cluster in which there is nothing, with checksums on its pages, as the installer makes it. */
async function makeEmpty(machine: Machine): Promise<void> {
  const { programs, data, user } = placeOn(machine.folders)
  rmSync(data, { recursive: true, force: true })
  const words = [`${programs}/initdb`, '-k', '-D', data, '--locale=C.UTF-8', '--encoding=UTF8', '--auth=peer']
  await succeed(machine, '/usr/sbin/runuser', ['-u', user, '--', ...words], 'No empty database could be made')
}
