import type { Context } from '../../context.ts'
import { ProviderFault } from '../../directory/providerFault.ts'
import { isLockedOut } from '../../rules/lockout.ts'
import { Refusal, refuseUnless } from '../../rules/refusal.ts'
import { recordEvent } from '../../storage/events.ts'
import { admitPerson, type Vouched } from '../directory/admitPerson.ts'
import { type Browser, type Entrance, openSession, type SignedIn } from '../openSession.ts'

/** Somebody who was let in, and where they wanted to go. */
export type WelcomedFromProvider = SignedIn & { next: string }

/** Opens a session for whom a provider vouches. Refuses who is disabled or locked here, who has no role, and who has another's name. */
export async function welcome(context: Context, vouched: Vouched, browser: Browser, entrance: Entrance): Promise<SignedIn> {
  try {
    return await context.storage.transaction(async tx => {
      const now = context.clock.now()
      const user = await admitPerson(tx, vouched, now)
      refuseUnless(
        !user.disabledAt && !isLockedOut(user, now),
        'NOT_SIGNED_IN',
        `${user.username} is disabled or locked here. Ask an administrator.`,
      )
      return openSession(tx, user, browser, now, entrance)
    })
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    throw new Refused(error.message, vouched)
  }
}

/** Who was refused, for the trail. */
class Refused extends Refusal {
  readonly vouched: Vouched
  constructor(sentence: string, vouched: Vouched) {
    super('NOT_SIGNED_IN', sentence)
    this.vouched = vouched
  }
}

/** "every refused attempt": what goes wrong on the way back from a provider is told administrators with its reason, and whoever comes as far as it helps them. */
export async function withTrace<T>(context: Context, { address }: Browser, name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ProviderFault || error instanceof Refusal)) throw error
    const vouched = error instanceof Refused ? error.vouched : undefined
    const groups = vouched
      ? ` ${name} says of their groups: ${
          vouched.groups
            .map(group => group.name)
            .slice(0, 10)
            .join(', ')
            .slice(0, 500) || 'none'
        }.`
      : ''
    const message = `A sign-in with ${name} was refused: ${error.message}${groups}`
    const who = vouched?.username.slice(0, 64) ?? 'nobody'
    await recordEvent(context.storage.db, {
      localAccountId: 0,
      at: context.clock.now(),
      kind: 'sign-in refused',
      message,
      who,
      source: address,
    })
    if (error instanceof Refusal) throw error
    context.log.warn({ step: error.step }, error.message)
    throw new Refusal(
      'NOT_SIGNED_IN',
      `${name} did not let you in, or what it says of you cannot be believed. Try again, or ask an administrator.`,
    )
  }
}
