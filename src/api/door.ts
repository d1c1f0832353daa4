import type { Request, Response } from 'express'
import type { Context } from '../context.ts'
import type { Allowance, Limits } from './limits.ts'

/** What the API's handlers share. */
export type ApiDoor = {
  context: Context
  limits: Limits
  /** What the door of product instances has counted since the server started. */
  deviceMessages(): DeviceMessages[]
  /** How many milliseconds a call waits for an exchange with the cloud before it is told of as a job under way. */
  patience: number
}

/** How many messages of a type came in by a transport and ended in a result. */
export type DeviceMessages = { type: string; transport: string; result: string; count: number }

/** A limit is exceeded: come again in so many seconds. */
export class TooMany extends Error {
  readonly seconds: number
  constructor(seconds: number) {
    super(`Too many requests. Try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`)
    this.seconds = seconds
  }
}

/** Where a request comes from. */
export const sourceOf = (request: Request): string => request.socket.remoteAddress ?? ''

/** "Every answer carries the limits": says where the caller stands. */
export function showLimits(response: Response, { limit, remaining, resetsIn }: Allowance): void {
  response.set({ 'RateLimit-Limit': String(limit), 'RateLimit-Remaining': String(remaining), 'RateLimit-Reset': String(resetsIn) })
}

/** The same, and "429 carries Retry-After" where that is too far. */
export function tellLimits(response: Response, allowance: Allowance): void {
  showLimits(response, allowance)
  if (allowance.exceeded) throw new TooMany(allowance.resetsIn)
}

/** Counts a request of an address that shows no token. */
export const countRequest = ({ context, limits }: ApiDoor, request: Request, response: Response): void =>
  tellLimits(response, limits.requests.count(sourceOf(request), context.clock.now()))
