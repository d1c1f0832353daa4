import type { Context } from '../../context.ts'
import { tryProvider } from '../../directory/openId.ts'
import { ProviderFault, type ProviderStep, providerSteps } from '../../directory/providerFault.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import { readOpenId } from './readOpenId.ts'

/** A step of a trial: what it found, or why it failed and what to do. */
export type TriedProviderStep = { step: ProviderStep; outcome: 'passed' | 'failed' | 'skipped'; sentence: string }

/** "*Test connection*": the provider, step by step, up to whether it takes the client; the step that failed says what to do. It changes nothing. */
export async function tryOpenId(context: Context): Promise<TriedProviderStep[]> {
  const done: TriedProviderStep[] = []
  const provider = await readOpenId(context, (step, sentence) => void done.push({ step, outcome: 'passed', sentence }))
  refuseUnless(provider, 'CONFLICT', 'No provider is set yet. Fill in the form and save it first.')
  try {
    await tryProvider(provider, (step, sentence) => void done.push({ step, outcome: 'passed', sentence }))
  } catch (error) {
    if (!(error instanceof ProviderFault)) throw error
    done.push({ step: error.step, outcome: 'failed', sentence: error.message })
  }
  const notTried = (step: ProviderStep) => (step === 'proxy' ? 'There is no proxy on this way.' : 'Not tried.')
  // What a browser brings back is there at a sign-in alone.
  return providerSteps
    .filter(step => step !== 'answer')
    .map(step => done.findLast(each => each.step === step) ?? { step, outcome: 'skipped', sentence: notTried(step) })
}
