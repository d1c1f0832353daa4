import { randomBytes } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'
import { refuseUnless } from '../rules/refusal.ts'

/** "argon2id", which is the package's default, with the memory and passes that OWASP advises for a server that does other things as well. */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 }

/** Each takes 19 MB and a core; who waits behind more than these is better asked to try again. */
const atOnce = 2
const longestQueue = 64

let running = 0
const waiting: (() => void)[] = []

/** Lets `atOnce` through; refuses when the queue is longer than anybody would wait. */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  refuseUnless(waiting.length < longestQueue, 'TOO_MANY', 'Too many people are signing in at this moment. Try again in a few seconds.')
  if (running >= atOnce) await new Promise<void>(resolve => waiting.push(resolve))
  else running += 1
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else running -= 1
  }
}

/** The text to store for a password: argon2id with its parameters and its salt. */
export const hashPassword = (password: string): Promise<string> => inTurn(() => hash(password, parameters))

let nobody: Promise<string> | undefined

/**
 * Whether `password` is the one behind `stored`. For a user who does not exist, `stored` is undefined: the same work is done on the hash of
 * nothing, so that the time of the answer tells nobody which names there are ("Time-equal answers for unknown users").
 */
export async function passwordMatches(stored: string | undefined, password: string): Promise<boolean> {
  nobody ??= hashPassword(randomBytes(32).toString('base64'))
  const against = stored ?? (await nobody)
  const matches = await inTurn(() => verify(against, password))
  return stored !== undefined && matches
}

/** A password for somebody who has none yet: 25 letters and digits in groups, some 120 bits, without the ones that are misread. */
export function generatePassword(): string {
  const signs = 'abcdefghjkmnpqrstuvwxyzACDEFGHJKLMNPQRTUVWXY346'
  const pick = () => {
    // Rejecting the last bytes keeps each sign as likely as the others.
    for (;;) for (const byte of randomBytes(32)) if (byte < 256 - (256 % signs.length)) return signs[byte % signs.length]!
  }
  return Array.from({ length: 5 }, () => Array.from({ length: 5 }, pick).join('')).join('-')
}
