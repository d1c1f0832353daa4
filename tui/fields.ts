import { z } from 'zod'
import type { Action } from '../appliance/actions/action.ts'

/** One argument of a command, as the form, help and completion see it. */
export type Field = {
  name: string
  /** What it means. */
  words: string
  kind: 'text' | 'choice' | 'flag'
  choices: string[]
  required: boolean
  secret: boolean
  /** Asked for twice, because it locks something. */
  twice: boolean
  positional: boolean
  preset: string
  /** What its values are completed from: places of files, jobs. */
  names: string[]
}

type Property = {
  type?: string
  description?: string
  enum?: string[]
  default?: unknown
  twice?: boolean
  names?: string[]
}

const known = new WeakMap<Action, Field[]>()

/** The arguments of a command, from the schema of its input: positional ones first, in their order. */
export function fieldsOf(action: Action): Field[] {
  const found = known.get(action)
  if (found) return found
  const schema = z.toJSONSchema(action.input, { io: 'input', unrepresentable: 'any' })
  const required = schema.required ?? []
  const positionals: string[] = action.positionals ?? []
  const fields = Object.entries((schema.properties ?? {}) as Record<string, Property>).map(([name, property]) => ({
    name,
    words: property.description ?? name,
    kind: property.enum ? ('choice' as const) : property.type === 'boolean' ? ('flag' as const) : ('text' as const),
    choices: property.enum ?? [],
    required: required.includes(name),
    secret: (action.secrets as string[] | undefined)?.includes(name) ?? false,
    twice: property.twice ?? false,
    positional: positionals.includes(name),
    preset: property.default === undefined || property.default === false ? '' : String(property.default),
    names: property.names ?? [],
  }))
  const place = ({ name, secret }: Field) => (positionals.includes(name) ? positionals.indexOf(name) : secret ? 1000 : 100)
  fields.sort((a, b) => place(a) - place(b))
  known.set(action, fields)
  return fields
}

/** How a command is typed: `logs [service] [--since …] [--follow]`. What is asked for without echo does not stand in it. */
export function usageOf(action: Action): string {
  const words = fieldsOf(action)
    .filter(({ secret }) => !secret)
    .map(({ name, kind, required, positional }) => {
      const word = positional ? `<${name}>` : kind === 'flag' ? `--${name}` : `--${name} …`
      return required ? word : `[${word}]`
    })
  return [action.name, ...words].join(' ')
}
