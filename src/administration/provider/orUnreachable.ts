import type { Context } from '../../context.ts'
import { ProviderFault } from '../../directory/providerFault.ts'
import { Refusal } from '../../rules/refusal.ts'

/** Asks a provider. What goes wrong is told the log and, as far as it is theirs to know, whoever wants to sign in. */
export async function orUnreachable<T>(context: Context, name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ProviderFault)) throw error
    context.log.warn({ step: error.step }, error.message)
    throw new Refusal('INVALID', `${name} cannot be asked at this moment. Try again, or sign in with a user of this server.`)
  }
}
