import { acknowledge } from './acknowledge.ts'
import { attempt, expireIfOver, guarded } from './attempt.ts'
import { goOnConverting } from './conversion.ts'
import { type Deed, nextDue } from './due.ts'
import { finishWhatWasLeft } from './leftovers.ts'
import { notRegistered, type Outcome } from './outcome.ts'
import { poll } from './poll.ts'
import { register } from './register.ts'
import { renewIdCertificate } from './renewIdCertificate.ts'
import { renewAuthorization } from './report.ts'
import type { Session } from './session.ts'

export type Done = { deed: Deed; outcome: Outcome }

/** Does the one thing that is due, by the product's clock. Undefined when nothing is. */
export async function doWhatIsDue(session: Session): Promise<Done | undefined> {
  const due = nextDue(session.state)
  if (!due || due.at > session.now()) return undefined
  return { deed: due.deed, outcome: await deeds[due.deed](session) }
}

const done: Outcome = { result: 'done' }

const deeds: Record<Deed, (session: Session) => Promise<Outcome>> = {
  'finish what was left': session =>
    guarded(session, session.state.underWay!.message.type, async () => (await finishWhatWasLeft(session)) ?? done),
  expire: async session => {
    await expireIfOver(session)
    return done
  },
  poll: session => attempt(session, 'POLL', () => poll(session)),
  'convert licenses': session => attempt(session, 'DLC', () => goOnConverting(session)),
  register: session => attempt(session, 'REGISTRATION', () => registerAsWished(session)),
  acknowledge: session => attempt(session, 'REGISTRATION_ACK', () => acknowledge(session)),
  'renew ID certificate': session => attempt(session, 'ID_CERT_RENEWAL', () => renewIdCertificate(session)),
  'report usage': session => attempt(session, 'AUTHORIZATION', () => renewAuthorization(session)),
}

const registerAsWished = (session: Session) =>
  session.state.wanted ? register(session, session.state.wanted) : Promise.resolve(notRegistered)
