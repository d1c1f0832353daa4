import { type DirectoryServer, serverName } from '../rules/directory.ts'
import { atServer, type Directory } from './failover.ts'
import { DirectoryFault, type DirectoryStep, directorySteps, type Witness } from './fault.ts'
import { readFilter, type Session } from './ldap.ts'
import { lookUp, type Recognition, recognise } from './people.ts'

/** A step of a trial: what it found, or why it failed and what to do. */
export type TriedDirectoryStep = { step: DirectoryStep; outcome: 'passed' | 'warning' | 'failed' | 'skipped'; sentence: string }

/** What came of a trial of one server. */
export type ServerTrial = { server: string; steps: TriedDirectoryStep[] }

/** What came of looking somebody up. */
export type PersonTrial = { steps: TriedDirectoryStep[]; recognition: Recognition | undefined }

/** "*Test connection*": each server by itself, up to a look at people and groups; the step that failed says what to do. It changes nothing. */
export const tryServers = (directory: Directory): Promise<ServerTrial[]> =>
  Promise.all(directory.settings.servers.map(async server => ({ server: serverName(server), steps: await tryServer(directory, server) })))

async function tryServer(directory: Directory, server: DirectoryServer): Promise<TriedDirectoryStep[]> {
  const steps = directorySteps.filter(step => step !== 'password')
  const { done, witness } = notes(directory)
  await noting(done, () => atServer(directory, server, witness, session => lookAround(session, directory, witness)))
  return inOrder(steps, done)
}

async function lookAround(session: Session, { settings }: Directory, witness: Witness): Promise<void> {
  const { userBase, groupBase } = settings
  const filter = readFilter('(objectClass=*)', 'userFilter')
  for (const [step, base, what] of [
    ['search', userBase, 'people'],
    ['groups', groupBase, 'groups'],
  ] as const) {
    const found = await session.search(step, { base, filter, attributes: ['objectClass'], most: 1 })
    const nothing = `There is nothing to be seen at ${base}, where ${what} should be. Check the base, and what the bind account may read.`
    if (found.length === 0) throw new DirectoryFault(step, nothing, false)
    witness(step, `There is something at ${base}.`)
  }
}

/** "*Test a user*": everything that a sign-in does, with the password where one is given. It changes nothing and counts as no failure here. */
export async function tryPerson(directory: Directory, username: string, password: string, now: Date): Promise<PersonTrial> {
  const { done, witness } = notes(directory)
  const recognition = await noting(done, () =>
    password === '' ? lookUp(directory, username, now, witness) : recognise(directory, username, password, now, witness),
  )
  if (recognition && 'reason' in recognition) {
    const step = done.some(each => each.step === 'search') ? 'password' : 'search'
    done.push({ step, outcome: 'failed', sentence: `Not let in: ${recognition.reason}.` })
  }
  return { recognition, steps: inOrder(directorySteps, done) }
}

/** What is known of each step; of a server that was asked again, or of several, the last word. */
function notes({ settings }: Directory): { done: TriedDirectoryStep[]; witness: Witness } {
  const done: TriedDirectoryStep[] = []
  if (settings.security === 'none')
    done.push({ step: 'tls', outcome: 'warning', sentence: 'There is no TLS: every password goes over the network in clear.' })
  return { done, witness: (step, sentence) => void done.push({ step, outcome: 'passed', sentence }) }
}

async function noting<T>(done: TriedDirectoryStep[], work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof DirectoryFault)) throw error
    done.push({ step: error.step, outcome: 'failed', sentence: error.message })
    return undefined
  }
}

const inOrder = (steps: readonly DirectoryStep[], done: TriedDirectoryStep[]): TriedDirectoryStep[] =>
  steps.map(step => done.findLast(each => each.step === step) ?? { step, outcome: 'skipped', sentence: 'Not tried.' })
