import type { Request, RequestHandler, Response } from 'express'
import { isOn } from '../storage/switches.ts'
import { membersOfBody, membersOfQuery, readBytes, readFileOf } from './body.ts'
import { type Caller, callerMay, findCaller } from './caller.ts'
import { type ApiDoor, countRequest, sourceOf, tellLimits } from './door.ts'
import { inTrail } from './inTrail.ts'
import { findPlaceOf } from './places.ts'
import { readMembers } from './read.ts'
import { HttpRefusal, nothingHere } from './refusals.ts'
import type { CallRoute, PlaceCall } from './route.ts'
import { send } from './send.ts'

/** "Off until switched on". */
export async function refuseWhileOff({ context }: ApiDoor): Promise<void> {
  if (await isOn(context.storage.pages, 'api')) return
  throw new HttpRefusal(503, 'The API is switched off. A System Administrator can switch it on in the Admin workspace, under API Toolkit.')
}

/**
 * Answers a call, in this order: the API is on, the caller is known, the scope and then the place allow the act, the query and the body fit.
 * Nobody's body is read before they may have it read.
 */
export const answerCall =
  (door: ApiDoor, route: CallRoute): RequestHandler =>
  async (request, response) => {
    const { context } = door
    await refuseWhileOff(door)
    const caller = await recognise(door, request, response)
    await inTrail(context, caller, request, route, () => answerCaller(door, route, caller, request, response))
  }

async function answerCaller(door: ApiDoor, route: CallRoute, caller: Caller, request: Request, response: Response): Promise<void> {
  const { context } = door
  refuseWithoutScope(caller, route)
  const parameters = request.params as Record<string, string>
  // No name of ours has a NUL, and the database would not be asked for one.
  if (Object.values(parameters).some(value => value.includes('\0'))) nothingHere()
  const found = await findPlaceOf(context.storage.pages, route, caller, parameters)
  const query = readMembers(route.query, membersOfQuery(request))
  const file = route.container === 'taken' ? await readFileOf(request) : Buffer.alloc(0)
  if (route.container !== 'taken') await readBytes(request, response)
  const body = readMembers(route.body, membersOfBody(request, route.forms))
  const prefers = (...types: string[]) => preferred(request, types)
  const call = {
    context,
    door,
    caller,
    now: context.clock.now(),
    parameters,
    query: query.value,
    body: body.value,
    file,
    prefers,
    ...found,
  }
  const answer = await route.handle(call as PlaceCall<never, never>)
  await send(response, route.status ?? 200, answer, remarkOn([...query.ignored, ...body.ignored]))
}

/** Which of the media types the caller would rather have; their versions, which monitoring systems name, are not told apart. */
function preferred(request: Request, types: string[]): string {
  request.headers.accept = request.headers.accept?.replace(/;\s*(?!q=)[^;,]*/g, '')
  return request.accepts(types) || types[0]!
}

const remarkOn = (ignored: string[]): string =>
  ignored.length === 0
    ? ''
    : `Not known here and left out: ${ignored
        .slice(0, 10)
        .map(name => name.slice(0, 64))
        .join(', ')}.`

/** RFC 6750: without a token the challenge says no more than that one is needed; with one that is no good it says so. */
const challenge = 'Bearer realm="Quartermaster"'

async function recognise(door: ApiDoor, request: Request, response: Response): Promise<Caller> {
  const { context, limits } = door
  const [now, source] = [context.clock.now(), sourceOf(request)]
  const failures = limits.sourceFailures.look(source, now)
  if (failures.exceeded) tellLimits(response, failures)
  const [, accessToken] = /^Bearer +([\w.~+/-]+=*) *$/i.exec(request.headers.authorization ?? '') ?? []
  const caller = accessToken === undefined ? undefined : await findCaller(context.storage.pages, accessToken, now)
  if (caller) {
    tellLimits(response, limits.calls.count(caller.clientId, now))
    return caller
  }
  countRequest(door, request, response)
  if (request.headers.authorization === undefined) {
    throw new HttpRefusal(401, 'Get an access token from /oauth/token and send it as "Authorization: Bearer …".', {
      'WWW-Authenticate': challenge,
    })
  }
  limits.sourceFailures.count(source, now)
  throw new HttpRefusal(401, 'The access token is not known or has ended. Get a new one from /oauth/token.', {
    'WWW-Authenticate': `${challenge}, error="invalid_token"`,
  })
}

/** Scopes are asked before anything is looked up, and what concerns the server is not for the client of an account. */
function refuseWithoutScope(caller: Caller, { scope, act, where }: CallRoute): void {
  if (!caller.scopes.has(scope)) {
    throw new HttpRefusal(403, `The access token does not have the scope "${scope}".`, {
      'WWW-Authenticate': `${challenge}, error="insufficient_scope", scope="${scope}"`,
    })
  }
  if (where === 'server' && act !== 'see account' && !callerMay(caller, act)) {
    throw new HttpRefusal(403, 'This is for clients of the server, and this one belongs to a Local Account.')
  }
}
