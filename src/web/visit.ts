import type { Request, Response } from 'express'
import type { Context } from '../context.ts'
import type { LocalAccount } from '../rules/accounts.ts'
import type { Person } from '../rules/roles.ts'
import type { Holder } from '../storage/sessions.ts'

/** Who is signed in, with what the masthead shows them. */
export type SignedIn = Omit<Holder, 'assignments'> & { person: Person }

/** One request of somebody, signed in or not: what a handler is given. */
export type Visitor = {
  context: Context
  request: Request
  response: Response
  now: Date
  /** What scripts of this answer carry, and what elements of htmx carry. */
  nonce: string
  /** The secret behind the token in this visitor's forms. */
  formSecret: string
  /** How many milliseconds somebody watches a page load before it shows how far the work is. */
  patience: number
  signedIn: SignedIn | undefined
}

/** One request of somebody who is signed in. `account` is the one in the URL, where there is one. */
export type Visit = Visitor & SignedIn & { signedIn: SignedIn; account: LocalAccount | undefined }

/** A visit within a Local Account. `reach`: the Local Virtual Accounts that this act of this person reaches there. */
export type AccountVisit = Visit & { account: LocalAccount; reach: 'all' | number[] }

/** The visitor of a request, as session.ts opened it; undefined before that, and where it could not. */
export const visitorOf = (response: Response): Visitor | undefined => response.locals.visitor as Visitor | undefined

/** Notes who comes, for everything after it. */
export const setVisitor = (response: Response, visitor: Visitor): void => {
  response.locals.visitor = visitor
}

/** A field of a posted form, as text; empty when it is absent. */
export function field(visitor: Visitor, name: string): string {
  const value = (visitor.request.body as Record<string, unknown> | undefined)?.[name]
  return typeof value === 'string' ? value : ''
}

/** A value of the query, as text; undefined when it is absent or given twice. */
export function queried(visitor: Visitor, name: string): string | undefined {
  const value = visitor.request.query[name]
  return typeof value === 'string' ? value : undefined
}

/** A parameter of the path, as text. */
export const parameter = (visitor: Visitor, name: string): string => String(visitor.request.params[name] ?? '')
