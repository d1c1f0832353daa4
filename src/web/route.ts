import type { NextFunction, Request, Response } from 'express'
import type { LocalAccount } from '../rules/accounts.ts'
import { Refusal, refuseUnless } from '../rules/refusal.ts'
import { type Act, may, type Person, type Place, reachOf } from '../rules/roles.ts'
import { needsSecondFactor } from '../rules/secondFactor.ts'
import { findLocalAccountByUuid } from '../storage/localAccounts.ts'
import { updateSession } from '../storage/sessions.ts'
import { checkForgery, checkOrigin } from './csrf.ts'
import { inTrail } from './inTrail.ts'
import { paths } from './paths.ts'
import { countAlerts } from './session.ts'
import { readUpload } from './upload.ts'
import { type AccountVisit, field, parameter, type Visit, type Visitor, visitorOf } from './visit.ts'

type Method = 'get' | 'post'
type Answer = void | Promise<void>

/** Who is let in where: a row of the site map. The constructors below are the only way to make one, so that none goes without a rule. */
export type Route = { method: Method; path: string; act: Act | 'anybody' | 'oneself'; place: 'none' | 'server' | 'account' } & (
  | { kind: 'open'; handler: (visitor: Visitor) => Answer }
  | { kind: 'visit'; handler: (visit: Visit) => Answer; takesFile?: boolean; isFirst?: true }
  | { kind: 'account'; handler: (visit: AccountVisit) => Answer; where: PlaceRule; takesFile?: boolean }
)

/** Where in the account an act happens. Whatever it asks the database for, `may` decides about what it gives. */
export type PlaceRule = (visit: AccountVisit) => Place | Promise<Place>

/** A page for everybody, signed in or not. */
export const open = (method: Method, path: string, handler: (visitor: Visitor) => Answer): Route => ({
  method,
  path,
  act: 'anybody',
  place: 'none',
  kind: 'open',
  handler,
})

/** Something that everybody who is signed in does for themselves. */
export const own = (method: Method, path: string, handler: (visit: Visit) => Answer): Route => ({
  method,
  path,
  act: 'oneself',
  place: 'none',
  kind: 'visit',
  handler,
})

/** The same, for what comes before all else: open also to whoever must change the password or set up a second factor, and sees nothing else. */
export const ownFirst = (method: Method, path: string, handler: (visit: Visit) => Answer): Route => ({
  ...(own(method, path, handler) as Route & { kind: 'visit' }),
  isFirst: true,
})

/** An act on the server. */
export const onServer = (method: Method, path: string, act: Act, handler: (visit: Visit) => Answer): Route => ({
  method,
  path,
  act,
  place: 'server',
  kind: 'visit',
  handler,
})

/**
 * A form on the server with a file that is too large for memory. Its handler reads it by `receiveUpload`, which asks for the form's token before it takes
 * a byte of the file; here it is only known that the form comes from this site, and from somebody who may.
 */
export const uploadOnServer = (path: string, act: Act, handler: (visit: Visit) => Answer): Route => ({
  ...(onServer('post', path, act, handler) as Route & { kind: 'visit' }),
  takesFile: true,
})

/**
 * An act within the Local Account that `:localAccount` in the path names. Without `where`, it is enough that the act is allowed in some part of
 * the account: the handler limits what it shows to `visit.reach`.
 */
export const inAccount = (
  method: Method,
  path: string,
  act: Act,
  handler: (visit: AccountVisit) => Answer,
  where: PlaceRule = somewhereInAccount,
): Route => ({ method, path, act, place: 'account', kind: 'account', handler, where })

/**
 * A form with a file, about an account as a whole. Its token stands in the body, which may be large: nothing of it is read before it is known that
 * the form comes from here, and from somebody who may.
 */
export const uploadInAccount = (path: string, act: Act, handler: (visit: AccountVisit) => Answer): Route => ({
  ...(inAccount('post', path, act, handler, wholeAccount) as Route & { kind: 'account' }),
  takesFile: true,
})

/** The account itself, or the first part of it that the act reaches. */
export const somewhereInAccount: PlaceRule = ({ account, reach }) =>
  reach === 'all' || reach.length === 0 ? { localAccountId: account.id } : { localAccountId: account.id, localVirtualAccountId: reach[0]! }

/** The account as a whole: for what concerns all of its Local Virtual Accounts. */
export const wholeAccount: PlaceRule = ({ account }) => ({ localAccountId: account.id })

/** The Local Virtual Account that a field of the form names. A form that names none comes again with what is wrong, to whoever may act somewhere. */
export const placeInField =
  (name: string): PlaceRule =>
  visit => {
    const localVirtualAccountId = Number(field(visit, name))
    const named = Number.isInteger(localVirtualAccountId) && localVirtualAccountId > 0
    return named ? { localAccountId: visit.account.id, localVirtualAccountId } : somewhereInAccount(visit)
  }

/** The middleware of a row: lets in who may, in the order signed in, form genuine, password changed, second factor set up, allowed; default deny. What is done goes into the trail. */
export const guard = (route: Route) => (_request: Request, response: Response, _next: NextFunction) => {
  const visitor = visitorOf(response)!
  return inTrail(visitor, route, () => letIn(visitor, route))
}

async function letIn(visitor: Visitor, route: Route) {
  const { response } = visitor
  if (route.kind !== 'open' && !visitor.signedIn) throw new Refusal('NOT_SIGNED_IN', 'Sign in to go on.')
  const takesFile = route.kind !== 'open' && route.takesFile
  if (route.method === 'post') takesFile ? checkOrigin(visitor) : checkForgery(visitor)
  if (route.kind === 'open') return route.handler(visitor)
  const visit: Visit = { ...visitor, ...visitor.signedIn!, signedIn: visitor.signedIn!, account: undefined }
  const isFirst = route.kind === 'visit' && route.isFirst
  if (!isFirst && visit.user.mustChangePassword) return response.redirect(303, paths.password)
  if (!isFirst && lacksSecondFactor(visit)) return response.redirect(303, paths.secondFactor)
  if (route.kind === 'account') return visitAccount(route, visit)
  refuseUnless(route.act === 'oneself' || may(visit.person, route.act as Act), ...denial(visit.person))
  return route.handler(visit)
}

const lacksSecondFactor = ({ user, person, security, hasSecondFactor }: Visit) =>
  !hasSecondFactor &&
  needsSecondFactor(
    user,
    person.assignments.map(({ role }) => role),
    security.secondFactor,
  )

async function visitAccount(route: Route & { kind: 'account' }, visit: Visit) {
  const act = route.act as Act
  const account = await findLocalAccountByUuid(visit.context.storage.pages, parameter(visit, 'localAccount'))
  refuseUnless(account && may(visit.person, 'see account', { localAccountId: account.id }), 'NOT_FOUND', notHere)
  const inside: AccountVisit = { ...visit, account, reach: reachOf(visit.person, act, account.id) }
  const place = await route.where(inside)
  refuseUnless(place.localAccountId === account.id && may(visit.person, act, place), ...denial(visit.person, account))
  if (route.takesFile) {
    await readUpload(visit.request)
    checkForgery(visit)
  }
  await remember(inside)
  return route.handler(inside)
}

const notHere = 'There is nothing under this address, or it is not for you to see.'

/** "Unknown ids → the same 404 page as not allowed things of others": only who sees the place at all is told that the act is not theirs. */
function denial(person: Person, account?: LocalAccount): ['NOT_ALLOWED' | 'NOT_FOUND', string] {
  const sees = account ? may(person, 'see account', { localAccountId: account.id }) : may(person, 'see server')
  return sees ? ['NOT_ALLOWED', 'Your roles do not allow this. An administrator can give you one that does.'] : ['NOT_FOUND', notHere]
}

/** The masthead opens with the account last looked at, and its bell counts that one's alerts. */
async function remember({ context, session, account, person, now, signedIn }: AccountVisit) {
  if (session.localAccountId === account.id) return
  session.localAccountId = account.id
  signedIn.openAlerts.account = await countAlerts(context, person, account.id, now)
  await updateSession(context.storage.db, session.idHash, { localAccountId: account.id })
}
