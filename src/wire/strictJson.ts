import { Malformed } from './malformed.ts'

const DEEPEST = 32
const BYTE_ORDER_MARK = 0xfeff
const SPACE = 0x20
const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const BACKSLASH = 0x5c
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export interface StrictOptions {
  /** So many values at most, those within others counted as well. */
  mostValues?: number
  /** Refuse integers beyond 2^53, which a double cannot hold exactly: 64-bit values travel as strings (5.0). */
  safeIntegers?: boolean
}

/** The text of `bytes`. Refuses what is not UTF-8; a byte order mark stays in the text, where parseStrict refuses it. */
export function decodeUtf8(bytes: Uint8Array, what: string): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new Malformed(what, 'Is not valid UTF-8.')
  }
}

/**
 * JSON as 5.0 allows it. What it gives is what JSON.parse gives; it refuses a byte order mark, a member named twice, the names that
 * reach an object's prototype, more than 32 levels, more values than it may hold, numbers without a finite value and halves of surrogate
 * pairs (they have no UTF-8 form, so nothing could be signed over them). `what` names the text in the Malformed it throws.
 */
export function parseStrict(text: string, what: string, options: StrictOptions = {}): unknown {
  if (text.charCodeAt(0) === BYTE_ORDER_MARK) throw new Malformed(what, 'Must not begin with a byte order mark.')
  const names = countNames(text, what, options.mostValues)
  const value = parseJson(text, what)
  // JSON.parse keeps the last of two members of one name, so fewer are in the value than the text has names.
  if (names !== countMembers(value, what, options.safeIntegers === true)) {
    throw new Malformed(what, 'Has an object with two members of the same name.')
  }
  return value
}

/** What can be read of a text that parseStrict may have refused, or undefined. Never what is nested too deep or holds too much. */
export function parseLoosely(text: string, { mostValues }: Pick<StrictOptions, 'mostValues'> = {}): unknown {
  try {
    countNames(text, '', mostValues)
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** As parseStrict, and refuses what is not an object. */
export function parseStrictObject(text: string, what: string, options: StrictOptions = {}): Record<string, unknown> {
  const value = parseStrict(text, what, options)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Malformed(what, 'Must be a JSON object.')
  return value as Record<string, unknown>
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Malformed(what, 'Is not valid JSON.')
  }
}

/** Walks the value, refuses what 5.0 refuses, and gives how many members its objects have in all. */
function countMembers(value: unknown, what: string, safeIntegers: boolean): number {
  if (typeof value === 'string') refuseHalfSurrogates(value, what)
  if (typeof value === 'number') refuseInexact(value, what, safeIntegers)
  if (typeof value !== 'object' || value === null) return 0
  let members = 0
  if (Array.isArray(value)) {
    for (const item of value) members += countMembers(item, what, safeIntegers)
    return members
  }
  const object = value as Record<string, unknown>
  for (const name in object) {
    if (name === '__proto__' || name === 'constructor' || name === 'prototype')
      throw new Malformed(what, `Must not have a member '${name}'.`)
    members += 1 + countMembers(object[name], what, safeIntegers)
  }
  return members
}

function refuseHalfSurrogates(text: string, what: string) {
  if (!text.isWellFormed()) throw new Malformed(what, 'Has text that is not valid Unicode.')
}

function refuseInexact(number: number, what: string, safeIntegers: boolean) {
  if (!Number.isFinite(number)) throw new Malformed(what, 'Has a number that is not finite.')
  if (safeIntegers && Number.isInteger(number) && !Number.isSafeInteger(number)) {
    throw new Malformed(what, 'Has an integer that is too large to be exact.')
  }
}

/**
 * How many strings of a JSON text are followed by a colon, that is, are names of members. It refuses depth and number on its way, before
 * JSON.parse would spend seconds on building three megabytes of brackets: what begins with a bracket or follows a comma is a value, and nothing
 * else is one. Of a text that is not JSON it may give any number.
 */
function countNames(text: string, what: string, mostValues = Number.POSITIVE_INFINITY): number {
  let names = 0
  let values = 1
  let levels = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) {
      i = closingQuote(text, i)
      if (i === -1) break
      while (text.charCodeAt(i + 1) <= SPACE) i++
      if (text.charCodeAt(i + 1) === COLON) names++
    } else if (code === COMMA) {
      if (++values > mostValues) throw tooMany(what, mostValues)
    } else if (code === OPEN_BRACKET || code === OPEN_BRACE) {
      if (++values > mostValues) throw tooMany(what, mostValues)
      if (++levels > DEEPEST) throw new Malformed(what, `Is nested deeper than ${DEEPEST} levels.`)
    } else if (code === CLOSE_BRACKET || code === CLOSE_BRACE) levels--
  }
  return names
}

const tooMany = (what: string, mostValues: number) => new Malformed(what, `Has more than ${mostValues} values.`)

/** Where the string that opens at `open` ends: at the first quote behind an even number of backslashes. -1 when nowhere. */
function closingQuote(text: string, open: number): number {
  for (let quote = text.indexOf('"', open + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let before = quote - 1
    while (text.charCodeAt(before) === BACKSLASH) before--
    if ((quote - before) % 2 === 1) return quote
  }
  return -1
}
