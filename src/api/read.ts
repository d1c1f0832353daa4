import { z } from 'zod'
import type { Members } from './body.ts'
import { HttpRefusal } from './refusals.ts'

/** What a schema made of members, and the names of those that it does not know. */
export type Read<T> = { value: T; ignored: string[] }

/**
 * Reads the members of a body or a query. Refuses, with a sentence for each, those that do not fit. Members that are not known are left out and
 * named in the answer: open clients send more than is asked for, and a person who mistypes a filter must see that it did nothing.
 */
export function readMembers<Schema extends z.ZodType>(schema: Schema | undefined, members: Members): Read<z.output<Schema>> {
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
  const ignored = Object.keys(members).filter(name => !known.includes(name))
  if (!schema) return { value: {} as z.output<Schema>, ignored }
  const read = schema.safeParse(members)
  if (read.success) return { value: read.data, ignored }
  throw new HttpRefusal(400, read.error.issues.map(sentenceOf).join(' '))
}

const sentenceOf = ({ path, message }: z.core.$ZodIssue): string =>
  path.length === 0 ? message : `${path.map(String).join('.')}: ${message === 'Invalid input' ? 'Does not fit.' : message}`
