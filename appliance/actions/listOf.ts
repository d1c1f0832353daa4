import { z } from 'zod'

/** Several values: as a list by programs, as one word with commas or spaces between them by people. */
export const listOf = <T extends z.ZodType>(value: T, { least = 0, most }: { least?: number; most: number }) =>
  z.preprocess(
    given => (typeof given === 'string' ? given.split(/[\s,]+/).filter(Boolean) : given),
    z.array(value).min(least).max(most, `Give ${most} at most.`),
  )
