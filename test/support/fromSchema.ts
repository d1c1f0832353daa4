import fc from 'fast-check'

/** What of a JSON Schema the description of the API uses. */
export type Schema = {
  type?: string
  enum?: unknown[]
  const?: unknown
  anyOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
}

/** Texts that somebody who means harm would try. */
const nastyTexts = ['\0', "'; drop table users; --", '../../etc/passwd', '%', '\\', '{{7*7}}', '<script>', '𝒜\u202e', '1e999', '']

/** What fits a schema; a pattern or a format is not kept to, so that some of it does not. */
export function fitting(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(fitting))
  const { minLength = 0, maxLength = minLength + 20 } = schema
  if (schema.type === 'string') return fc.string({ minLength, maxLength: Math.min(maxLength, minLength + 40) })
  if (schema.type === 'integer' || schema.type === 'number')
    return fc.integer({ min: Math.max(schema.minimum ?? -3, -(2 ** 31)), max: Math.min(schema.maximum ?? 1000, 2 ** 31 - 1) })
  if (schema.type === 'boolean') return fc.boolean()
  if (schema.type === 'array') return fc.array(fitting(schema.items ?? {}), { maxLength: 3 })
  if (schema.properties) return fc.record(membersOf(schema, fitting), { requiredKeys: schema.required ?? [] })
  return fc.jsonValue({ maxDepth: 2 })
}

/** What nearly fits: the right members, and in each of them what fits it or anything at all. */
export function nearly(schema: Schema): fc.Arbitrary<unknown> {
  const wild = fc.oneof(fc.constantFrom(...nastyTexts), fc.integer(), fc.double(), fc.constant(null), fc.jsonValue({ maxDepth: 2 }))
  if (!schema.properties) return fc.oneof(fitting(schema), wild)
  return fc.record(membersOf(schema, nearly), { requiredKeys: [] })
}

const membersOf = ({ properties = {} }: Schema, make: (schema: Schema) => fc.Arbitrary<unknown>) =>
  Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, make(schema)]))
