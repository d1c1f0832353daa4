import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { readPairStatus } from '../administration/pair/readPairStatus.ts'
import type { Context } from '../context.ts'
import { serverVersion } from '../release.ts'
import { second } from '../rules/clock.ts'
import { isSilent } from '../rules/pair.ts'
import { pendingMigrations } from '../storage/migrate.ts'
import { getServerIdentity } from '../storage/serverIdentity.ts'
import { open, type Route } from './route.ts'

/** What keeps the server from taking traffic, as a sentence without details; undefined when nothing does. */
type Check = (context: Context) => Promise<string | undefined>

/** States in which the agent has the server down, or is about to. In the others a failover may be under way, and the database says what it is. */
const serveNobody = new Set(['isolated', 'failed', 'rejoining'])

const checks: Record<string, Check> = {
  database: async ({ storage }) => {
    await storage.check()
    return undefined
  },
  // "Old code keeps working on the new schema for one release", so only an older one is in the way.
  schema: async ({ storage }) =>
    (await pendingMigrations(storage.db)).length > 0 ? 'The database has not been brought to the schema of this release.' : undefined,
  keys: async ({ storage, secrets }) => {
    secrets.open((await getServerIdentity(storage.db)).signingKey, 'server signing key')
    return undefined
  },
  // "The active runs everything": a node that is cut off, or that came back behind the other, is nobody's to talk to.
  role: async context => {
    const pair = readPairStatus(context)
    if (pair && serveNobody.has(pair.state) && !isSilent(pair, context.clock.now())) return `This node of the pair is ${pair.state}.`
    const { storage } = context
    const { rows } = await storage.db.raw('select pg_is_in_recovery() as standby')
    return rows[0].standby ? 'This node is a standby.' : undefined
  },
}

const failures: Record<string, string> = {
  database: 'The database does not answer.',
  schema: 'The schema of the database cannot be read.',
  keys: 'The key of the server does not open what this database keeps.',
  role: 'The role of the database cannot be asked for.',
}

/** The database may hang instead of failing; whoever asks after health wants an answer. */
const patience = 3 * second

type Health = { name: string; healthy: boolean; reason: string | null }

async function run(context: Context, name: string): Promise<Health> {
  const timeout = pause(patience, failures[name], { ref: false })
  const reason = await Promise.race([checks[name]!(context), timeout]).catch(() => failures[name]!)
  return { name, healthy: reason === undefined, reason: reason ?? null }
}

/** Nobody signs in to ask, so the database is asked once a second at most, however many ask. */
const memory = new WeakMap<Context, { at: number; healths: Promise<Health[]> }>()

function healthOf(context: Context): Promise<Health[]> {
  const known = memory.get(context)
  if (known && performance.now() - known.at < second) return known.healths
  const healths = Promise.all(Object.keys(checks).map(name => run(context, name)))
  memory.set(context, { at: performance.now(), healths })
  return healths
}

const answer = z.object({ status: z.enum(['SUCCESS', 'ERROR']), statusMessage: z.string() })
const readyAnswer = answer.extend({
  release: z.string(),
  checks: z.array(z.object({ name: z.enum(['database', 'schema', 'keys', 'role']), healthy: z.boolean(), reason: z.string().nullable() })),
})

/** "`/health/live` (the process answers), `/health/ready` (may take traffic …; 503 with reasons), no secrets in either, no sign-in." */
export const healthRoutes: Route[] = [
  open({
    method: 'get',
    path: '/health/live',
    operation: 'getLiveness',
    tag: 'Health',
    summary: 'Tell whether the process answers',
    answers: { 200: { description: 'It does.', schema: answer } },
    handle: async (_door, _request, response) => response.json({ status: 'SUCCESS', statusMessage: 'The process answers.' }),
  }),
  open({
    method: 'get',
    path: '/health/ready',
    operation: 'getReadiness',
    tag: 'Health',
    summary: 'Tell whether the server may take traffic, and which release it is',
    answers: {
      200: { description: 'It may.', schema: readyAnswer },
      503: { description: 'It may not, and why.', schema: readyAnswer },
    },
    async handle({ context }, _request, response) {
      const healths = await healthOf(context)
      const reasons = healths.flatMap(({ reason }) => reason ?? [])
      response.status(reasons.length === 0 ? 200 : 503).json({
        status: reasons.length === 0 ? 'SUCCESS' : 'ERROR',
        statusMessage: reasons.length === 0 ? 'The server may take traffic.' : reasons.join(' '),
        release: serverVersion,
        checks: healths,
      })
    },
  }),
]
