import type { Request, Response } from 'express'
import type { z } from 'zod'
import type { Context } from '../context.ts'
import type { LocalAccount, LocalVirtualAccount } from '../rules/accounts.ts'
import type { ApiScope } from '../rules/apiClients.ts'
import type { Act } from '../rules/roles.ts'
import type { Scope } from '../storage/pages/scope.ts'
import type { Caller } from './caller.ts'
import type { ApiDoor } from './door.ts'
import type { Outcome } from './send.ts'

export type Method = 'get' | 'post' | 'delete'

/** What the description says of a route. `path` is written as OpenAPI does: `/api/v1/accounts/{account}`. */
type Described = { method: Method; path: string; operation: string; tag: string; summary: string; description?: string }

/** A call under a bearer token, as its handler sees it. */
export type Call<Body = unknown, Query = unknown> = {
  context: Context
  door: ApiDoor
  caller: Caller
  now: Date
  body: Body
  query: Query
  /** The body as it came, of a route that takes a file. */
  file: Buffer
  /** What stands in the path in the place of a name in braces. */
  parameters: Record<string, string>
  /** Which of some media types the caller would rather have. */
  prefers(...types: string[]): string
}

/** A call within a Local Account; `scope` is the part of it that the caller's act reaches. */
export type AccountCall<Body = unknown, Query = unknown> = Call<Body, Query> & { account: LocalAccount; scope: Scope }

/** A call within a Local Virtual Account. */
export type PlaceCall<Body = unknown, Query = unknown> = AccountCall<Body, Query> & { place: LocalVirtualAccount }

/** What a call is, beside its handler. `status` is that of its success; `forms`: the body may also be a form. */
type Asked<Body extends z.ZodType, Query extends z.ZodType> = Described & {
  scope: ApiScope
  act: Act
  body?: Body
  query?: Query
  answer: z.ZodObject | z.ZodString
  status?: 200 | 201
  /** What else it may end well with, and what that means. */
  also?: Record<number, string>
  forms?: boolean
  /** Takes or gives a container of the cloud wire, as it is: it is signed, and may be as large as a file. */
  container?: 'taken' | 'given'
}

/** An answer: the members beside `status` and `statusMessage`, which may stand in it where they say more. One member may be `Rows`. */
export type Answer = Record<string, unknown>

/** A route under `/api/v1`: who may, what goes in, what comes out. The constructors below are the only way to make one. */
export type CallRoute = Asked<z.ZodType, z.ZodType> & {
  kind: 'call'
  where: 'server' | 'account' | 'whole account' | 'virtual account'
  handle(call: PlaceCall<never, never>): Promise<Answer | Outcome>
}

/** A route that lets everybody in, or that asks by itself who comes: OAuth, health, the description. */
export type OpenRoute = Described & {
  kind: 'open'
  /** Its answers, for the description. */
  answers: Record<number, { description: string; schema?: z.ZodType }>
  /** What it takes, in a form or in JSON. */
  body?: z.ZodObject
  handle(door: ApiDoor, request: Request, response: Response): Promise<unknown>
}

export type Route = CallRoute | OpenRoute

/** A route for everybody. */
export const open = (route: Omit<OpenRoute, 'kind'>): Route => ({ kind: 'open', ...route })

const at =
  <Of>(where: CallRoute['where']) =>
  <Body extends z.ZodType, Query extends z.ZodType>(
    route: Asked<Body, Query> & { handle(call: Of & { body: z.output<Body>; query: z.output<Query> }): Promise<Answer | Outcome> },
  ): Route =>
    ({ kind: 'call', where, ...route }) as unknown as CallRoute

/** An act on the server as a whole, or on all that the caller may see of it. */
export const onServer = at<Call>('server')

/** An act within a Local Account. Where it reaches a part of the account, the handler keeps to `scope`. */
export const inAccount = at<AccountCall>('account')

/** An act that concerns a Local Account as a whole. */
export const onAccount = at<AccountCall>('whole account')

/** An act within a Local Virtual Account. */
export const inPlace = at<PlaceCall>('virtual account')
