import { statfs } from 'node:fs/promises'
import { availableParallelism, cpus, totalmem } from 'node:os'
import type { Context } from '../../context.ts'

/** How the machine does at this moment. Shares are between 0 and 1. */
export type SystemHealth = {
  cpu: { share: number; cores: number }
  memory: { used: number; whole: number; ours: number }
  disk: { used: number; whole: number }
  database: { connections: number; connectionsAtMost: number; waiting: number }
  upSeconds: number
}

type Times = { busy: number; whole: number }
let before: Times = { busy: 0, whole: 0 }

function cpuTimes(): Times {
  const sums = cpus().map(({ times }) => ({ idle: times.idle, whole: Object.values(times).reduce((a, b) => a + b, 0) }))
  const whole = sums.reduce((sum, one) => sum + one.whole, 0)
  return { busy: whole - sums.reduce((sum, one) => sum + one.idle, 0), whole }
}

/** The share of the processors that was busy since somebody asked last; at first, since the machine started. */
function cpuShare(): number {
  const now = cpuTimes()
  const [busy, whole] = [now.busy - before.busy, now.whole - before.whole]
  before = now
  return whole > 0 ? busy / whole : 0
}

/** Asks the machine, and the pool of the database's connections. A container's own limit counts as its memory. */
export async function readSystemHealth({ config, storage }: Context): Promise<SystemHealth> {
  const disk = await statfs(config.dataFolder)
  const limit = process.constrainedMemory()
  const whole = limit > 0 && limit < totalmem() ? limit : totalmem()
  const { pool } = storage.db.client
  return {
    cpu: { share: cpuShare(), cores: availableParallelism() },
    memory: { used: Math.max(0, whole - process.availableMemory()), whole, ours: process.memoryUsage.rss() },
    disk: { used: (disk.blocks - disk.bavail) * disk.bsize, whole: disk.blocks * disk.bsize },
    database: { connections: pool.numUsed(), connectionsAtMost: pool.max, waiting: pool.numPendingAcquires() },
    upSeconds: process.uptime(),
  }
}
