const numbers = new Intl.NumberFormat('en-GB')
const days = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' })
const lists = new Intl.ListFormat('en-GB', { type: 'conjunction' })

/** A number with its thousands grouped: 12,480. */
export const grouped = (number: number): string => numbers.format(number)

/** A number and what it counts: "1 product instance", "1,318 product instances". */
export const counted = (number: number, one: string, many: string): string => `${grouped(number)} ${number === 1 ? one : many}`

/** A day as sentences name it, in UTC: 3 November 2025. */
export const dayInWords = (date: Date): string => days.format(date)

/** Words as a list in a sentence: "a, b and c". */
export const listed = (words: string[]): string => lists.format(words)
