import { z } from 'zod'
import type { Action, Profile } from '../appliance/actions/action.ts'
import { allowedTo } from '../appliance/actions/ledger.ts'
import type { Helper } from '../appliance/helper/ask.ts'
import type { NamesOf } from './commandLine.ts'

/** What the top line says of the machine. */
export type About = { release: string; host: string; profile: Profile; role: string; appliance: boolean }

const about = z.object({
  release: z.string(),
  host: z.string(),
  profile: z.enum(['standard', 'stig']),
  role: z.string(),
  appliance: z.boolean(),
})

/** What a console stands on: the way to the helper, what that says of the machine, and the deeds that this gives. */
export type Session = {
  helper: Helper
  about: About
  /** Why the helper did not answer, where it did not. */
  trouble: string | undefined
  actions: Action[]
  /** From where the person came, for the log. */
  from: string | undefined
  namesOf: NamesOf
}

/** Nobody answered: the stricter profile, so that nothing opens because a helper is away. */
const unknown: About = { release: '?', host: '?', profile: 'stig', role: '?', appliance: true }

/** A helper that does not answer is as good as none. */
const patience = 15_000

/** What the helper says of the machine, or why it does not. */
export async function askAbout(helper: Helper, signal: AbortSignal): Promise<{ about: About } | { trouble: string | undefined }> {
  const outcome = await helper.ask({ action: 'version' }, { signal })
  if ('answer' in outcome) {
    const read = about.safeParse(outcome.answer)
    return read.success ? { about: read.data } : { trouble: undefined }
  }
  return { trouble: 'fault' in outcome ? outcome.fault : 'The helper does not answer.' }
}

/** Asks the helper what this machine is. Where it does not answer, the console opens all the same and says so. */
export async function openSession(helper: Helper, from: string | undefined): Promise<Session> {
  const found = await askAbout(helper, AbortSignal.timeout(patience))
  const known = 'about' in found ? found.about : unknown
  const trouble = 'about' in found ? undefined : found.trouble
  const actions = allowedTo('console', known.profile).filter(({ hidden }) => !hidden)
  return { helper, about: known, trouble, actions, from, namesOf: namesFrom(helper) }
}

const files = z.object({ files: z.array(z.object({ name: z.string() })) })
const jobs = z.object({ jobs: z.array(z.object({ id: z.string() })) })

/** What completion offers for a kind of name; nothing where the helper has none, for a key press is no place for a fault. */
const namesFrom =
  (helper: Helper): NamesOf =>
  async kind => {
    const outcome = await helper.ask(kind === 'job' ? { action: 'job list' } : { action: 'dir', input: { place: kind } })
    if (!('answer' in outcome)) return []
    if (kind === 'job') return jobs.safeParse(outcome.answer).data?.jobs.map(({ id }) => id) ?? []
    return files.safeParse(outcome.answer).data?.files.map(({ name }) => kind + name) ?? []
  }
