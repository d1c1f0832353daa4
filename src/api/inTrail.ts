import { randomUUID } from 'node:crypto'
import type { Request } from 'express'
import { recordChange, recordRefusal } from '../administration/trail/recordRefusal.ts'
import type { Context } from '../context.ts'
import { actAs } from '../storage/acting.ts'
import type { Caller } from './caller.ts'
import { sourceOf } from './door.ts'
import { complaintOf } from './refusals.ts'
import type { CallRoute } from './route.ts'

/** Calls that are posts because what they ask for does not fit into an address: they look, and change nothing. */
const looks = new Set(['listAlerts', 'listLicenses', 'listDevices', 'testConnection'])

/** "Every change and every refused attempt" of scripts, as of people: under the caller's name, with an identifier for each call. */
export function inTrail(context: Context, caller: Caller, request: Request, route: CallRoute, work: () => Promise<void>): Promise<void> {
  const { kind, name } = caller.who
  const asked = { method: route.method, path: route.path, act: route.act }
  const changes = route.method !== 'get' && !looks.has(route.operation)
  return actAs({ kind, name, source: sourceOf(request), correlationId: randomUUID() }, async actor => {
    try {
      await work()
      if (changes && actor.recorded === 0) await recordChange(context, asked)
    } catch (error) {
      const complaint = complaintOf(error)
      if (complaint && (changes || complaint.httpStatus === 403)) await recordRefusal(context, asked, complaint.sentence)
      throw error
    }
  })
}
