import { readdirSync, statSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { freemem, hostname, loadavg, uptime as secondsUp, totalmem } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { serverVersion } from '../../src/release.ts'
import { Refusal } from '../../src/rules/refusal.ts'
import { pairPlaces } from '../ha/places.ts'
import { readPairStatus } from '../ha/readStatus.ts'
import { action, type Json, profiles } from './action.ts'
import type { Machine } from './machine.ts'
import { serverProgram } from './programs.ts'
import { readServices } from './services.ts'
import { zoneOf } from './time.ts'

const nothing = z.strictObject({})

export const status = action({
  name: 'status',
  subject: 'overview',
  sentence: 'Services, database, disk, memory, clock, certificates and backups on one screen',
  input: nothing,
  profiles,
  callers: ['console'],
  anywhere: true,
  async run(_input, machine) {
    const [services, clock, disk, server] = await Promise.all([
      machine.appliance ? readServices(machine) : undefined,
      machine.appliance ? readClock(machine) : undefined,
      readDisk(machine),
      readServer(machine),
    ])
    const memory = { bytes: totalmem(), freeBytes: freemem() }
    return { ...readUptime(machine), ...(services ? { services } : {}), ...(clock ? { clock } : {}), memory, disk, ...server }
  },
})

/** A database that is down is a finding, not an end: the rest of the screen is what one looks at then. */
async function readServer(machine: Machine): Promise<{ [name: string]: Json }> {
  try {
    return { server: await serverProgram(machine, ['status']) }
  } catch (error) {
    if (error instanceof Refusal) return { server: { unreachable: error.message } }
    throw error
  }
}

async function readDisk({ folders }: Machine) {
  const { blocks, bavail, bsize } = await statfs(folders.data)
  return { bytes: blocks * bsize, freeBytes: bavail * bsize }
}

async function readClock(machine: Machine) {
  const { code, out, err } = await machine.run('/usr/bin/timedatectl', ['show', '--property=Timezone,NTPSynchronized'])
  if (code !== 0) return { unreachable: err.trim() || 'timedatectl does not answer' }
  return { timezone: zoneOf(out), synchronized: /NTPSynchronized=yes/.test(out) }
}

function readUptime(machine: Machine) {
  const seconds = Math.floor(secondsUp())
  const since = new Date(machine.now().getTime() - seconds * 1000).toISOString()
  const [minute, five, quarter] = loadavg().map(load => Math.round(load * 100) / 100)
  return { host: hostname(), upSince: since, load: `${minute} ${five} ${quarter}` }
}

export const version = action({
  name: 'version',
  subject: 'overview',
  sentence: 'Which release this is, which were installed before, and what this machine is',
  input: nothing,
  profiles,
  callers: ['console', 'server'],
  anywhere: true,
  async run(_input, machine) {
    const installed = installedReleases(machine)
    return {
      release: serverVersion,
      host: hostname(),
      profile: machine.profile,
      role: readPairStatus(pairPlaces(machine.folders).volatile, machine.now())?.state ?? 'stand-alone',
      appliance: machine.appliance,
      firstInstalled: installed.at(0)?.release ?? serverVersion,
      installed,
      node: process.versions.node,
    }
  },
})

/** The releases side by side on this machine, the oldest first. */
function installedReleases({ folders, appliance }: Machine) {
  const folder = join(folders.releases, 'releases')
  const names = appliance
    ? (readdirSync(folder, { withFileTypes: true }) ?? []).filter(each => each.isDirectory()).map(({ name }) => name)
    : []
  return names
    .map(release => ({ release, installedAt: statSync(join(folder, release)).ctime.toISOString() }))
    .sort((a, b) => a.installedAt.localeCompare(b.installedAt))
}

export const alerts = action({
  name: 'alerts',
  subject: 'overview',
  sentence: 'What somebody should do something about, the most severe first',
  input: nothing,
  profiles,
  callers: ['console'],
  anywhere: true,
  run: async (_input, machine) => ({ alerts: await serverProgram(machine, ['alerts']) }),
})

export const uptime = action({
  name: 'uptime',
  subject: 'overview',
  sentence: 'How long the machine has been up, and how busy it is',
  input: nothing,
  profiles,
  callers: ['console'],
  anywhere: true,
  run: async (_input, machine) => readUptime(machine),
})
