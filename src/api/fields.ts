import { z } from 'zod'

/** What PostgreSQL keeps as text: anything without a NUL. */
const withoutNul = (text: string) => !text.includes('\0')

/** A text of at most so many characters. */
export const text = (longest: number) =>
  z
    .string({ error: 'Must be a text.' })
    .max(longest, `Must have at most ${longest} characters.`)
    .refine(withoutNul, 'Must not contain a NUL character.')

/** A text that is not empty. */
export const filledText = (longest: number) => text(longest).min(1, 'Must not be empty.')

/** A whole number, or its digits in a text: forms and spreadsheets know no other. */
export const whole = (least: number, most: number) => {
  const words = `Must be a whole number from ${least} to ${most}.`
  const number = z.int({ error: words }).min(least, words).max(most, words)
  const digits = z
    .string()
    .regex(/^-?\d{1,15}$/, words)
    .transform(Number)
    .pipe(number)
  return z.union([number, digits], { error: words })
}

/** One of some words, whatever its capitals. */
export const oneOf = <Word extends string>(...words: [Word, ...Word[]]) =>
  // The description names the words; z.enum would take their capitals literally.
  z
    .string()
    .meta({ enum: words })
    .transform((given, issues) => {
      const found = words.find(word => word.toLowerCase() === given.toLowerCase())
      if (found) return found
      issues.addIssue({ code: 'custom', message: `Must be ${words.map(word => `"${word}"`).join(' or ')}.` })
      return z.NEVER
    })

/** A moment in an answer. */
export const moment = z.iso.datetime()
/** One that may be unknown. */
export const maybeMoment = moment.nullable()

/** A moment as answers write it. */
export const written = (date: Date): string => date.toISOString()
export const maybeWritten = (date: Date | null | undefined): string | null => date?.toISOString() ?? null

/** Names or numbers of Local Virtual Accounts: a list of them, or a single one. */
export const placeNames = z
  .union([z.array(z.union([filledText(255), z.int()])).max(1000), filledText(255)])
  .transform(given => (Array.isArray(given) ? given.map(String) : [given]))
