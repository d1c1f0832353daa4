import type { z } from 'zod'
import { ContainerFault } from '../containerFault.ts'
import { Malformed } from '../malformed.ts'

/** A file that is not what 7.2 says. */
export const malformedFile = (what: string) => new ContainerFault('FILE_MALFORMED', `The file cannot be read: ${what}`)

/** What `read` gives; where it finds JSON malformed, the file is. */
export function readingFile<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw error instanceof Malformed ? malformedFile(error.message) : error
  }
}

/** What `schema` makes of `value`, or a malformed file. */
export function shaped<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw malformedFile(`${result.error.issues[0]!.path.join('.')} is missing or wrong.`)
}
