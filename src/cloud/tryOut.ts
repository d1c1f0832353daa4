import { Refusal } from '../rules/refusal.ts'
import { type CloudCredentials, type TriedStep, triedSteps } from './carrier.ts'
import { clockStep } from './clockStep.ts'
import { openConnection, type StepLimits } from './connect.ts'
import { sentenceOf } from './faults.ts'
import { type HttpAnswer, type HttpRequest, send } from './http.ts'
import { signOnCall, tokenIn } from './signOn.ts'
import { proxyTo, type Way } from './way.ts'
import { WayFault } from './wayFault.ts'

/** What a trial is made with. */
export type Trial = {
  find(path: string): Promise<{ url: URL; way: Way }>
  bounds: StepLimits & HttpRequest['limits']
  credentials: CloudCredentials | undefined
  now(): Date
}

type Say = (step: TriedStep['step'], outcome: TriedStep['outcome'], sentence: string) => void

/** Nobody: what the cloud says to this tells that it is a cloud, and its time. */
const nobody: CloudCredentials = { clientId: '', clientSecret: '' }

/**
 * Goes the way to the cloud as an exchange would, once and without patience, up to the sign-in. Says of each step what was found; of the one
 * that failed, why and what to do; the steps behind it were not tried.
 */
export async function tryOut(trial: Trial): Promise<TriedStep[]> {
  const done: TriedStep[] = []
  const say: Say = (step, outcome, sentence) => void done.push({ step, outcome, sentence })
  try {
    const answer = await open(trial, say)
    done.push(signInStep(answer, trial.credentials), clockStep(answer.headers.date, trial.now()))
  } catch (error) {
    if (!(error instanceof WayFault)) throw error
    // The way was open and nothing sensible came of it: that is the first step for which an answer is needed.
    say(error.step === 'answer' ? 'sign-in' : error.step, 'failed', sentenceOf(error))
  }
  return triedSteps.map(step => done.find(each => each.step === step) ?? { step, outcome: 'skipped', sentence: 'Not tried.' })
}

async function open({ find, bounds, credentials = nobody }: Trial, say: Say): Promise<HttpAnswer> {
  const { path, body, headers } = signOnCall(credentials)
  const { url, way } = await find(path)
  say('settings', 'passed', `The cloud is ${url.origin}.`)
  if (!proxyTo(url.hostname, way)) say('proxy', 'skipped', 'There is no proxy on this way.')
  const connection = await openConnection(url, way, bounds, (step, found) => say(step, 'passed', found))
  return send(connection, { url, body, headers: { Accept: 'application/json', ...headers }, limits: bounds })
}

function signInStep(answer: HttpAnswer, credentials: CloudCredentials | undefined): TriedStep {
  if (!credentials) {
    const words = 'No client id and secret are set yet, so that it was not tried whether the cloud lets us in.'
    return { step: 'sign-in', outcome: 'skipped', sentence: words }
  }
  try {
    tokenIn(answer, credentials)
    return { step: 'sign-in', outcome: 'passed', sentence: `The cloud lets the client ${credentials.clientId} in.` }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { step: 'sign-in', outcome: 'failed', sentence: error.message }
  }
}
