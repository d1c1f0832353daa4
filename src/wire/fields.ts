import { z } from 'zod'
import { Malformed, type Problem } from './malformed.ts'

const REQUIRED = 'Is required.'

/** What a schema says of a value that is wrong; one that is missing is called missing. */
const says = (sentence: string) => ({
  error: (issue: { input?: unknown }) => (issue.input === undefined || issue.input === null ? REQUIRED : sentence),
})

function ofLength(min: number, max: number) {
  const sentence = min === 0 ? `Must have at most ${max} characters.` : `Must have ${min} to ${max} characters.`
  return z.string().min(min, sentence).max(max, sentence)
}

/** Text of `min` to `max` characters. NUL is refused, because no database text can hold it. */
export const text = (min: number, max: number) =>
  ofLength(min, max).refine(value => !value.includes('\0'), 'Must not contain the character U+0000.')

/** A name of `min` to `max` characters that ends up in certificates and on pages: text without control characters and halves of surrogate pairs. */
export const name = (max: number, min = 1) =>
  ofLength(min, max)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
    .refine(value => !/[\u0000-\u001f\u007f\ud800-\udfff]/u.test(value), 'Must not contain control characters.')

/** A member that may be null or absent, which is the same (5.0): null when it is either. */
export const optional = <T extends z.ZodType>(schema: T) => schema.nullish().transform(value => value ?? null)

/** What a product calls itself; null when it says nothing, for privacy. */
export const hostname = optional(text(0, 255)).transform(given => given || null)

/** An integer of `min` to `max`. */
export const integer = (min: number, max: number = Number.MAX_SAFE_INTEGER) => {
  const sentence = max === Number.MAX_SAFE_INTEGER ? `Must be an integer of at least ${min}.` : `Must be an integer from ${min} to ${max}.`
  return z.int(says(sentence)).min(min, sentence).max(max, sentence)
}

/** Milliseconds since the epoch. Zero and times before 1970 are well formed; whether they are right is a rule's question. */
export const milliseconds = z.int(says('Must be a number of milliseconds, without a fraction.'))

export const uuid = z.guid(says('Must be a UUID.')).toLowerCase()
/** A certificate's serial number: up to 20 bytes (RFC 5280), in decimal digits. */
export const serialNumber = z.string().regex(/^\d{1,49}$/, 'Must be a decimal serial number in a string.')
export const nonce = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'Must have 1 to 64 characters of A-Z, a-z, 0-9, _ and -.')

const PEM_BODY = '[A-Za-z0-9+/=\\r\\n\\t ]+'
/** One PEM block with one of `labels`, of at most `max` characters. */
export const pem = (labels: string, max: number) =>
  z
    .string()
    .max(max, `Must have at most ${max} characters.`)
    .regex(
      new RegExp(`^\\s*-----BEGIN (${labels})-----${PEM_BODY}-----END (${labels})-----\\s*$`),
      `Must be one PEM block: ${labels.split('|')[0]}.`,
    )

export const certificateRequest = pem('CERTIFICATE REQUEST|NEW CERTIFICATE REQUEST', 8192)
export const certificate = pem('CERTIFICATE', 16384)

/**
 * What `schema` makes of `value`. Refuses with the path of each member that is wrong, in the contract's names
 * (`device_list[0].sudi.udi_pid`), below `root` where one is given.
 */
export function check<T extends z.ZodType>(schema: T, value: unknown, root = ''): z.output<T> {
  const result = schema.safeParse(value, { error: sentenceFor })
  if (result.success) return result.data
  const problems = result.error.issues.slice(0, 16).map((issue): Problem => ({ path: pathText(root, issue.path), what: issue.message }))
  throw new Malformed(problems[0]!.path, problems[0]!.what, problems)
}

/** What is said of a value whose schema has no sentence of its own. */
function sentenceFor(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.input === undefined || issue.input === null) return REQUIRED
  if (issue.code === 'invalid_type') return `Must be of type ${issue.expected}.`
  if (issue.code === 'invalid_value') return `Must be one of ${issue.values.join(', ')}.`
  return undefined
}

function pathText(root: string, path: PropertyKey[]): string {
  const text = path.reduce<string>((above, step) => (typeof step === 'number' ? `${above}[${step}]` : `${above}.${String(step)}`), root)
  return text.replace(/^\./, '') || 'request_data'
}
