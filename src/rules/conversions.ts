import { minute } from './clock.ts'

/**
 * How many conversions of one product may wait, or have results that it may still ask for. A product asks once for all its licenses, and
 * perhaps again for some; whoever asks much more often is told to come later.
 */
export const conversionsAtOnce = { conversions: 16, lines: 2000 }

/** A synchronization by schedule comes that soon when a product waits, so that one exchange carries what many products ask for at one time. */
export const conversionsGather = 5 * minute

/** How much one exchange carries up; what does not fit goes with the next. A container may have 256 MiB, inflated (wire-cloud 7.2). */
export const claimsAtOnce = { lines: 20_000, bytes: 32 * 1024 * 1024 }

type Counts = { converted: number; alreadyConverted: number; notEligible: number }

const lines = (count: number) => (count === 1 ? '1 line' : `${count} lines`)

/** How a conversion ended, in a sentence for the event log. */
export function conversionSentence(name: string, { converted, alreadyConverted, notEligible }: Counts): string {
  const parts = [
    `${lines(converted)} converted`,
    ...(alreadyConverted > 0 ? [`${lines(alreadyConverted)} converted before`] : []),
    ...(notEligible > 0 ? [`${lines(notEligible)} not eligible`] : []),
  ]
  return `The conversion of ${name}'s traditional licenses has ended: ${parts.join(', ')}.`
}
