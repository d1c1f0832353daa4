import type { Context } from '../context.ts'
import { acknowledgeRegistrations } from '../licensing/acknowledgeRegistration.ts'
import { authorizeUsage } from '../licensing/authorizeUsage.ts'
import { registerProductInstances } from '../licensing/registerProductInstances.ts'
import { hour } from '../rules/clock.ts'
import { findProductInstancesByUdi } from '../storage/productInstances.ts'
import { findRegistrationTokens } from '../storage/registrationTokens.ts'
import { findReplies } from '../storage/replies.ts'
import { findAccountsOf, findSenders } from '../storage/senders.ts'
import { openGate } from './connections.ts'
import { type MessageCount, openCounters } from './counters.ts'
import { openLane } from './lanes.ts'
import { type LimitSettings, openLimits } from './limits.ts'
import { end, listen, type Patience, type Place, plainServer, type Shown, showCertificate, tlsServer, usualPatience } from './listener.ts'
import type { Door } from './message.ts'
import { openReceiver } from './receive.ts'
import { rotateTickets } from './tickets.ts'
import { openTurnstile } from './turnstile.ts'

/** Which listeners to open, what they let in, and how long they wait. */
export type DeviceDoorOptions = {
  http?: Place
  https?: Place & Shown
  limits?: LimitSettings
  connections?: number
  patience?: Partial<Patience>
}

/** The door of product instances, open. */
export type DeviceDoor = {
  httpPort: number | undefined
  httpsPort: number | undefined
  /** The certificate of 443 from the next connection on. */
  replaceCertificate(shown: Shown): void
  counters(): MessageCount[]
  close(): Promise<void>
}

/** Opens the door on the listeners that are asked for, with both transports on each. Throws when a port is taken, and listens on none then. */
export async function openDeviceDoor(context: Context, options: DeviceDoorOptions): Promise<DeviceDoor> {
  const { http, https } = options
  const door = furnish(context, options.limits)
  const service = {
    admit: openGate(options.connections),
    receive: openReceiver(door),
    patience: { ...usualPatience, ...options.patience },
  }
  const plain = http && plainServer(service)
  const secure = https && tlsServer(service, https)
  const stopRotating = secure && rotateTickets(secure, 12 * hour)
  const close = async () => {
    stopRotating?.()
    await Promise.all([plain && end(plain), secure && end(secure)])
  }
  try {
    return {
      httpPort: plain && (await listen(plain, http)),
      httpsPort: secure && (await listen(secure, https)),
      replaceCertificate: shown => secure && showCertificate(secure, shown),
      counters: door.counters.snapshot,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** A commit under load gathers messages for so many milliseconds: nobody at a product notices, and a transaction costs the same for one as for fifty. */
const gathering = 10

/** So many reports go together at most: what a group costs by itself is little in the cost of each then. */
export const mostReports = 256

/** What messages share. One group of reports is under way at a time: while the database works on it, this process reads and signs others. */
function furnish(context: Context, limits?: LimitSettings): Door {
  const { db } = context.storage
  return {
    context,
    limits: openLimits(limits),
    turnstile: openTurnstile(),
    counters: openCounters(),
    lanes: {
      accounts: openLane(ids => findAccountsOf(db, ids)),
      senders: openLane(keys => findSenders(db, keys), { gathering: gathering / 2 }),
      earlierReplies: openLane(receipts => findReplies(db, receipts)),
      tokens: openLane(keys => findRegistrationTokens(db, keys)),
      formerInstances: openLane(keys => findProductInstancesByUdi(db, keys)),
      registrations: openLane(orders => registerProductInstances(context, orders), {
        gathering,
        keyOf: ({ prepared: { identity, replaces } }) => (replaces === 'nothing' ? identity.instance.udiKey : identity.instance.id),
      }),
      acknowledgements: openLane(group => acknowledgeRegistrations(context, group), {
        gathering,
        keyOf: ({ signed }) => signed.productInstanceId,
      }),
      reports: openLane(reports => authorizeUsage(context, reports), {
        most: mostReports,
        gathering,
        keyOf: report => report.productInstanceId,
      }),
    },
  }
}
