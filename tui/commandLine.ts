import type { Action } from '../appliance/actions/action.ts'
import { type Field, fieldsOf } from './fields.ts'

/** What the console does itself, without asking the helper. */
export const ownCommands = {
  help: 'What there is, or how a command is typed: help [command]',
  history: 'What was typed before',
  clear: 'Take away what is on the screen',
  exit: 'Leave the console',
} as const
export type OwnCommand = keyof typeof ownCommands
const alsoKnownAs: Record<string, OwnCommand> = { quit: 'exit', logout: 'exit', '?': 'help' }

/** What a typed line asks for: a deed with its arguments as text, something of the console's own, nothing, or a sentence about what is wrong with it. */
export type Parsed =
  | { kind: 'deed'; action: Action; given: Record<string, unknown> }
  | { kind: 'own'; name: OwnCommand; words: string[] }
  | { kind: 'nothing' }
  | { kind: 'wrong'; sentence: string }

/** More than any command is: a paste that went astray. */
export const longestLine = 4000

/**
 * Cuts a line into words at spaces; quotes, single or double, hold one together. Nothing else means anything: `$`, `;`, `|`, `>` and backquotes
 * are signs like others, because no shell ever sees them.
 */
export function wordsOf(line: string): { words: string[]; open: boolean; fresh: boolean } {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (const sign of line) {
    if (quote) {
      if (sign === quote) quote = ''
      else word += sign
    } else if (sign === '"' || sign === "'") {
      quote = sign
      word ??= ''
    } else if (sign === ' ') {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + sign
  }
  if (word !== undefined) words.push(word)
  return { words, open: quote !== '', fresh: word === undefined }
}

/** Reads a typed line. Never throws: what is wrong with it is a sentence. */
export function parseLine(line: string, actions: readonly Action[]): Parsed {
  if (line.length > longestLine) return wrong(`This is too long for a command (${line.length} signs).`)
  const { words, open } = wordsOf(line)
  if (open) return wrong('A quote was opened and not closed.')
  return parseWords(words, actions)
}

/** The same for words that somebody else has cut, as those of `console <command>`. */
export function parseWords(words: string[], actions: readonly Action[]): Parsed {
  const [first, second] = words
  if (first === undefined) return { kind: 'nothing' }
  const own = Object.hasOwn(ownCommands, first)
    ? (first as OwnCommand)
    : Object.hasOwn(alsoKnownAs, first)
      ? alsoKnownAs[first]!
      : undefined
  if (own) return { kind: 'own', name: own, words: words.slice(1) }
  const pair = actions.find(({ name }) => name === `${first} ${second}`)
  const action = pair ?? actions.find(({ name }) => name === first)
  if (!action) return wrong(unknown(words, actions))
  return readArguments(action, words.slice(pair ? 2 : 1))
}

function readArguments(action: Action, words: string[]): Parsed {
  const fields = fieldsOf(action)
  const positionals = fields.filter(({ positional }) => positional)
  const given: Record<string, unknown> = {}
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!
    const [, name, joined] = /^--([a-z][\w-]*)(?:=(.*))?$/s.exec(word) ?? []
    const field =
      name === undefined ? positionals.find(each => !(each.name in given)) : fields.find(each => bareName(each.name) === bareName(name))
    if (!field)
      return wrong(
        `"${action.name}" does not know ${name === undefined ? `what to do with "${word}"` : `--${name}`}. "help ${action.name}" shows what it takes.`,
      )
    if (field.secret) return wrong(`The ${field.name} is asked for without echo, and never typed in a command.`)
    if (name === undefined) given[field.name] = word
    else if (field.kind === 'flag') given[field.name] = joined === undefined || joined === 'yes'
    else {
      const value = joined ?? words[++at]
      if (value === undefined) return wrong(`Say what --${name} is to be: ${field.words}.`)
      given[field.name] = value
    }
  }
  return { kind: 'deed', action, given }
}

/** `--name-servers`, `--name_servers` and `--nameServers` are one. */
const bareName = (name: string) => name.replace(/[-_]/g, '').toLowerCase()

const wrong = (sentence: string): Parsed => ({ kind: 'wrong', sentence })

function unknown(words: string[], actions: readonly Action[]): string {
  const [first = '', second] = words
  const following = actions.filter(({ name }) => name.startsWith(`${first} `)).map(({ name }) => name)
  if (following.length > 0) return `Say one of: ${following.join(', ')}.`
  const names = [...actions.map(({ name }) => name), ...Object.keys(ownCommands)]
  const typed = second === undefined ? first : `${first} ${second}`
  const near = names.map(name => ({ name, far: Math.min(distance(typed, name), distance(first, name)) })).sort((a, b) => a.far - b.far)[0]
  const meant = near && near.far <= 2 ? ` Is "${near.name}" meant?` : ''
  return `There is no command "${first.slice(0, 60)}".${meant} "help" lists them.`
}

/** How many signs have to be changed, put in or taken away to come from one word to the other. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    row = next
  }
  return row.at(-1)!
}

/** One way on from what is typed: the word, and what it means. */
export type Completion = { word: string; words: string }

/** Which values a field has at this moment: names of files in a place, of jobs. */
export type NamesOf = (kind: string) => Promise<string[]>

/** The ways on from a line: commands, arguments or values. `typed` is the part of the last word that is there already. */
export async function completionsOf(
  line: string,
  actions: readonly Action[],
  namesOf: NamesOf,
): Promise<{ typed: string; ways: Completion[] }> {
  const { words, fresh } = wordsOf(line)
  const typed = fresh ? '' : (words.at(-1) ?? '')
  const before = fresh ? words : words.slice(0, -1)
  const ways = (await waysFrom(before, typed, actions, namesOf)).filter(({ word }) => word.startsWith(typed))
  return { typed, ways }
}

async function waysFrom(before: string[], typed: string, actions: readonly Action[], namesOf: NamesOf): Promise<Completion[]> {
  const [first, second, ...rest] = before
  if (first === undefined || (first === 'help' && second === undefined)) {
    const own = Object.entries(ownCommands).map(([word, words]) => ({ word, words }))
    return [...actions.map(({ name, sentence }) => ({ word: name, words: sentence })), ...own]
  }
  const pairs = actions.filter(({ name }) => name.startsWith(`${first} `))
  const pair = pairs.find(({ name }) => name === `${first} ${second}`)
  if (pairs.length > 0 && second === undefined)
    return pairs.map(({ name, sentence }) => ({ word: name.slice(first.length + 1), words: sentence }))
  const action = pair ?? actions.find(({ name }) => name === first)
  return action ? waysOf(action, pair ? rest : before.slice(1), typed, namesOf) : []
}

async function waysOf(action: Action, words: string[], typed: string, namesOf: NamesOf): Promise<Completion[]> {
  const fields = fieldsOf(action).filter(({ secret }) => !secret)
  const last = words.at(-1)
  const asked = last?.startsWith('--') ? fields.find(({ name, kind }) => `--${name}` === last && kind !== 'flag') : undefined
  if (asked) return valuesOf(asked, typed, namesOf)
  const named = fields
    .filter(({ name, positional }) => !positional && !words.includes(`--${name}`))
    .map(({ name, words: meaning }) => ({ word: `--${name}`, words: meaning }))
  if (typed.startsWith('--')) return named
  const places = fields.filter(({ positional }) => positional)
  const next = places[bare(words, fields)]
  return [...(next ? await valuesOf(next, typed, namesOf) : []), ...named]
}

/** How many words stand without a name before them. */
function bare(words: string[], fields: Field[]): number {
  const isValue = (at: number) => fields.some(({ name, kind }) => kind !== 'flag' && `--${name}` === words[at - 1])
  return words.filter((word, at) => !word.startsWith('--') && !isValue(at)).length
}

async function valuesOf(field: Field, typed: string, namesOf: NamesOf): Promise<Completion[]> {
  if (field.choices.length > 0) return field.choices.map(word => ({ word, words: field.words }))
  // Places first; the files of one once it is typed.
  const opened = field.names.filter(kind => typed.startsWith(kind) || !kind.endsWith(':') || field.names.length === 1)
  const names = (await Promise.all(opened.map(namesOf))).flat()
  const closed = field.names.filter(kind => kind.endsWith(':') && !opened.includes(kind))
  return [...closed, ...names].map(word => ({ word, words: field.words }))
}

/** The line with as much added as all ways on have in common, and a space where there is only one. */
export function completed(line: string, typed: string, ways: Completion[]): string {
  const [first, ...others] = ways.map(({ word }) => word)
  if (first === undefined) return line
  let common = first
  for (const word of others) while (!word.startsWith(common)) common = common.slice(0, -1)
  const rest = common.slice(typed.length)
  return line + rest + (others.length === 0 && !common.endsWith(':') ? ' ' : '')
}
