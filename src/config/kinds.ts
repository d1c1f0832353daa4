import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { z } from 'zod'

/** A kind of value: what it becomes, and in words what is allowed. */
export type Kind<T> = { schema: z.ZodType<T>; allowed: string }

const kind = <T>(schema: z.ZodType<T>, allowed: string): Kind<T> => ({ schema, allowed })

const isHostName = (name: string) =>
  isIP(name) !== 0 || /^(?=.{1,253}$)[a-z\d]([a-z\d-]*[a-z\d])?(\.[a-z\d]([a-z\d-]*[a-z\d])?)*$/i.test(name)
const isCloudUrl = (text: string) => URL.canParse(text) && new URL(text).protocol === 'https:' && !new URL(text).search

export const path = kind(
  z.string().transform(name => resolve(name)),
  'a path',
)

export const port = kind(
  z
    .string()
    .regex(/^\d{1,5}$/)
    .transform(Number)
    .refine(number => number <= 65_535),
  'a number from 0 to 65535, where 0 is any free port',
)

export const processes = kind(
  z
    .string()
    .regex(/^[1-9]\d?$/)
    .transform(Number),
  'a number from 1 to 99',
)

export const yesNo = kind(
  z.enum(['0', '1']).transform(value => value === '1'),
  '1 or 0',
)

export const address = kind(
  z.string().refine(text => isIP(text) !== 0),
  'an IPv4 or IPv6 address; "::" is every address of both kinds',
)

export const hostNames = kind(
  z
    .string()
    .transform(text => text.split(/[\s,]+/).filter(Boolean))
    .refine(names => names.length > 0 && names.every(isHostName)),
  'host names or addresses with commas between them',
)

export const databaseUrl = kind(
  z.string().refine(text => /^postgres(ql)?:\/\//.test(text)),
  'a PostgreSQL URL, postgresql://user:password@host:5432/database',
)

/** Without the slash at its end, so that a path can follow. Only https: what is carried to the cloud begins with a secret. */
export const cloudUrl = kind(
  z
    .string()
    .refine(isCloudUrl)
    .transform(text => text.replace(/\/+$/, '')),
  'an https address without a query',
)

export const logLevel = kind(
  z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
  'fatal, error, warn, info, debug, trace or silent',
)
