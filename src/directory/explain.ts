import { type DirectoryServer, serverName } from '../rules/directory.ts'
import { bindReason } from '../rules/directoryAccount.ts'
import { DirectoryFault, type DirectoryStep } from './fault.ts'

/** The result codes of RFC 4511, 4.1.9, that another server of the directory may not give: busy, unavailable. */
const passing = new Set([51, 52])

/** A server that does not answer in time. */
export const noAnswer = (step: DirectoryStep, server: DirectoryServer): DirectoryFault =>
  new DirectoryFault(
    step,
    `${serverName(server)} does not answer in time. See whether it is overloaded, and whether the base is too wide.`,
    true,
  )

/** What an error of a question means, and what to do. `about` is the name or the base that was asked about. */
export function explain(step: DirectoryStep, server: DirectoryServer, about: string, error: Error): DirectoryFault {
  const { code } = error as { code?: unknown }
  if (typeof code === 'number') return new DirectoryFault(step, wordsOf(step, server, about, error, code), passing.has(code))
  if (/timed out/.test(error.message)) return noAnswer(step, server)
  if (/closed|Socket|socket/.test(error.message)) return new DirectoryFault(step, `${serverName(server)} broke the connection off.`, true)
  return new DirectoryFault(step, `${serverName(server)} sent what cannot be read (${error.message.slice(0, 100)}).`, true)
}

function wordsOf(step: DirectoryStep, server: DirectoryServer, about: string, error: Error, code: number): string {
  const at = serverName(server)
  if (code === 49) return `${at} does not take the password of ${about}: ${bindReason(error.message)}.`
  if (code === 8 || code === 13) return `${at} wants TLS before a password: choose LDAPS or StartTLS.`
  if (code === 1 || code === 48 || code === 50 || code === 53)
    return `${at} does not allow this to ${step === 'bind' ? about : 'the bind account'}. Give a bind account that may read people and groups.`
  if (code === 32 || code === 34) return `${at} has nothing at ${about}. Check how it is written.`
  if (code === 10)
    return `${at} refers to another server for ${about}, which is not followed. Name that server, or a base that this one has.`
  if (code === 3 || code === 4 || code === 11) return `${at} gives up on so wide a search. Narrow the base or the filter.`
  return `${at} answered ${error.name} (${code}).`
}
