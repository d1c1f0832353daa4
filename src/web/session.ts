import { createHash, randomBytes } from 'node:crypto'
import type { NextFunction, Request, Response } from 'express'
import { hashSessionId } from '../administration/openSession.ts'
import type { Context } from '../context.ts'
import { later } from '../rules/clock.ts'
import { type Person, reachOf } from '../rules/roles.ts'
import { mustChangePassword } from '../rules/security.ts'
import { confirmationEnded, sessionEnded, touchInterval } from '../rules/sessions.ts'
import { countShownAlerts } from '../storage/pages/alertRows.ts'
import { findSession, updateSession } from '../storage/sessions.ts'
import { isUnattended } from './render.ts'
import { nonceOf } from './security.ts'
import { type SignedIn, setVisitor, type Visitor } from './visit.ts'

/** `__Host-`: only this host can have set it, over TLS, for all of its paths. */
const sessionCookie = '__Host-session'
/** Holds the secret of the forms of somebody who is not signed in. */
const visitorCookie = '__Host-visitor'
const attributes = 'Path=/; Secure; HttpOnly; SameSite=Strict'
/** Held between the password and the code of a second factor. */
const waitingCookie = '__Host-waiting'
/** Held while somebody signs in at a provider: sent along when the provider sends the browser back, which `Strict` would not be. */
const awayCookie = '__Host-away'
const awayAttributes = 'Path=/; Secure; HttpOnly; SameSite=Lax'

/** The value of one cookie. */
function cookie(request: Request, name: string): string | undefined {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [key, value] = part.trim().split('=', 2)
    if (key === name && value && /^[\w-]{1,128}$/.test(value)) return value
  }
  return undefined
}

const setCookie = (response: Response, name: string, value: string) => response.append('Set-Cookie', `${name}=${value}; ${attributes}`)
const dropCookie = (response: Response, name: string) => response.append('Set-Cookie', `${name}=; ${attributes}; Max-Age=0`)

/** Hands the browser a session's identifier; the database has its hash. */
export function giveSession(response: Response, sessionId: string): void {
  setCookie(response, sessionCookie, sessionId)
  dropCookie(response, visitorCookie)
}

/** Takes it back. */
export const takeSession = (response: Response): void => void dropCookie(response, sessionCookie)

/** Notes that the browser goes to a provider, by the identifier of that sign-in. */
export const noteAway = (response: Response, id: string): void =>
  void response.append('Set-Cookie', `${awayCookie}=${id}; ${awayAttributes}; Max-Age=900`)

/** The sign-in at a provider that a browser comes back from; it holds nothing any more. */
export function takeAway({ request, response }: Pick<Visitor, 'request' | 'response'>): string | undefined {
  response.append('Set-Cookie', `${awayCookie}=; ${awayAttributes}; Max-Age=0`)
  return cookie(request, awayCookie)
}

/** Notes that this browser gave the right password and is asked for a code; or, with null, that it is not any more. */
export const noteWaiting = (response: Response, id: string | null): void => {
  if (id === null) dropCookie(response, waitingCookie)
  else setCookie(response, waitingCookie, id)
}

/** Whose password this browser gave. */
export const waitingIn = (request: Request): string | undefined => cookie(request, waitingCookie)

/** What a browser's session is found by, even when it is over. */
export const sessionHashOf = (request: Request): Buffer | undefined => {
  const id = cookie(request, sessionCookie)
  return id === undefined ? undefined : hashSessionId(id)
}

/** Says who comes: looks the session up, unless it is over, and touches it, unless the page asked by itself. */
export const openVisit = (context: Context, patience: number) => async (request: Request, response: Response, next: NextFunction) => {
  const now = context.clock.now()
  const signedIn = await resume(context, request, now)
  const formSecret = signedIn ? signedIn.session.csrfToken : visitorSecret(request, response)
  setVisitor(response, { context, request, response, now, nonce: nonceOf(response), formSecret, patience, signedIn })
  next()
}

async function resume(context: Context, request: Request, now: Date): Promise<SignedIn | undefined> {
  const idHash = sessionHashOf(request)
  const found = idHash && (await findSession(context.storage.db, idHash, now))
  if (!found || sessionEnded(found.session, found.assignments, now, found.security.sessions)) return undefined
  if (confirmationEnded(found.user, now)) return undefined
  if (!isUnattended(request) && now >= later(found.session.seenAt, touchInterval))
    await updateSession(context.storage.db, found.session.idHash, { seenAt: now })
  const { assignments, ...holder } = found
  holder.user.mustChangePassword = mustChangePassword(holder.user, holder.security.passwords, now)
  const person: Person = { kind: 'user', name: holder.user.username, assignments }
  const { localAccountId } = found.session
  // The session's own question counts all of the account's.
  if (localAccountId !== null && reachOf(person, 'see licenses', localAccountId) !== 'all')
    holder.openAlerts.account = await countAlerts(context, person, localAccountId, now)
  return { ...holder, person }
}

/** What the bell counts: the alerts of an account that its Alerts page shows this person. */
export const countAlerts = ({ storage }: Context, person: Person, localAccountId: number, now: Date): Promise<number> =>
  countShownAlerts(storage.pages, { localAccountId, reach: reachOf(person, 'see licenses', localAccountId) }, now)

/** Double submit: the cookie, which no other host can set, and the field made from it, which no other site can read. */
function visitorSecret(request: Request, response: Response): string {
  const known = cookie(request, visitorCookie)
  const value = known ?? randomBytes(32).toString('base64url')
  if (!known && request.method === 'GET') setCookie(response, visitorCookie, value)
  return createHash('sha256').update(`form ${value}`).digest('base64url')
}
