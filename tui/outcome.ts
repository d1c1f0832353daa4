import type { Outcome } from '../appliance/helper/protocol.ts'
import { formatAnswer, type Line, textLines } from './format.ts'
import { plain } from './plain.ts'

/** How the console ends when it does one command, for the programs that start it. */
export const exitCodes = { done: 0, failed: 1, usage: 2, refused: 3, notConfirmed: 4 }

export const exitCodeOf = (outcome: Outcome): number =>
  'answer' in outcome
    ? exitCodes.done
    : 'fault' in outcome
      ? exitCodes.failed
      : outcome.refusal.field === 'confirmation'
        ? exitCodes.notConfirmed
        : exitCodes.refused

/** An outcome as lines, for people. */
export function outcomeLines(outcome: Outcome, width: number): Line[] {
  if ('answer' in outcome) return formatAnswer(outcome.answer, width)
  return 'refusal' in outcome ? textLines(outcome.refusal.sentence, width, 'warning') : textLines(outcome.fault, width, 'bad')
}

/** What a job is at, in words. */
export function progressWords({ step, done, of }: { step: string; done?: number; of?: number }): string {
  if (done === undefined) return plain(step)
  return plain(of ? `${step}: ${Math.floor((done / of) * 100)} %` : `${step}: ${(done / 1e6).toFixed(1)} MB`)
}
