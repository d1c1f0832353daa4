import type { Context } from '../../context.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import { insertProviderSignIn } from '../../storage/providerSignIns.ts'
import { hashSessionId, newSessionId } from '../openSession.ts'

/** So many sign-ins may be under way at providers: nobody fills the table by beginning. */
const most = 10_000

/** Keeps what a sign-in at a provider must come back with, sealed for `purpose`, and gives the identifier for the browser. Refuses when too many are under way. */
export async function keepExpected(context: Context, expected: object, purpose: string, next: string): Promise<string> {
  const id = newSessionId()
  const secrets = context.secrets.seal(JSON.stringify(expected), purpose)
  const kept = await insertProviderSignIn(
    context.storage.db,
    { idHash: hashSessionId(id), secrets, next, createdAt: context.clock.now() },
    most,
  )
  refuseUnless(kept, 'TOO_MANY', 'Too many people are signing in at this moment. Try again in a while.')
  return id
}
