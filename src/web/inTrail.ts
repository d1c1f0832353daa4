import { randomUUID } from 'node:crypto'
import { recordChange, recordRefusal } from '../administration/trail/recordRefusal.ts'
import { Refusal } from '../rules/refusal.ts'
import { actAs } from '../storage/acting.ts'
import type { Route } from './route.ts'
import type { Visitor } from './visit.ts'

/**
 * "Every change and every refused attempt: who …, from where, what": what is done while a request is answered goes into the trail under the name of
 * whoever is signed in. A change that wrote no event of its own is recorded by its address; a refusal by its sentence. Looking is not recorded.
 */
export function inTrail<T>({ context, request, signedIn }: Visitor, route: Route, work: () => Promise<T>): Promise<T> {
  const name = signedIn?.person.name ?? 'nobody'
  const asked = { method: route.method, path: route.path, act: route.act }
  const who = { kind: signedIn ? ('user' as const) : ('nobody' as const), name, source: request.socket.remoteAddress }
  return actAs({ ...who, correlationId: randomUUID() }, async actor => {
    try {
      const answer = await work()
      if (route.method === 'post' && signedIn && actor.recorded === 0)
        await (actor.refusal === undefined ? recordChange(context, asked) : recordRefusal(context, asked, actor.refusal))
      return answer
    } catch (error) {
      if (signedIn && error instanceof Refusal && (route.method === 'post' || error.code === 'NOT_ALLOWED'))
        await recordRefusal(context, asked, error.message)
      throw error
    }
  })
}
