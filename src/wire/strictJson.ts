import { Malformed } from './malformed.ts'

const DEEPEST = 32
const BYTE_ORDER_MARK = 0xfeff
const QUOTE = 0x22
const COLON = 0x3a
const BACKSLASH = 0x5c

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export interface StrictOptions {
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
 * reach an object's prototype, more than 32 levels, numbers without a finite value and halves of surrogate pairs (they have no UTF-8 form,
 * so nothing could be signed over them). `what` names the text in the Malformed it throws.
 */
export function parseStrict(text: string, what: string, options: StrictOptions = {}): unknown {
  if (text.charCodeAt(0) === BYTE_ORDER_MARK) throw new Malformed(what, 'Must not begin with a byte order mark.')
  const value = parseJson(text, what)
  const kept = countMembers(value, DEEPEST, what, options.safeIntegers === true)
  // JSON.parse keeps the last of two members of one name, so fewer are in the value than the text has names.
  if (kept !== countNames(text)) throw new Malformed(what, 'Has an object with two members of the same name.')
  return value
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
function countMembers(value: unknown, levels: number, what: string, safeIntegers: boolean): number {
  if (typeof value === 'string') refuseHalfSurrogates(value, what)
  if (typeof value === 'number') refuseInexact(value, what, safeIntegers)
  if (typeof value !== 'object' || value === null) return 0
  if (levels === 0) throw new Malformed(what, `Is nested deeper than ${DEEPEST} levels.`)
  let members = 0
  if (Array.isArray(value)) {
    for (const item of value) members += countMembers(item, levels - 1, what, safeIntegers)
    return members
  }
  const object = value as Record<string, unknown>
  for (const name in object) {
    if (name === '__proto__' || name === 'constructor' || name === 'prototype')
      throw new Malformed(what, `Must not have a member '${name}'.`)
    members += 1 + countMembers(object[name], levels - 1, what, safeIntegers)
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

/** How many strings of a valid JSON text are followed by a colon, that is, are names of members. */
function countNames(text: string): number {
  let names = 0
  let open = text.indexOf('"')
  while (open !== -1) {
    let next = closingQuote(text, open) + 1
    while (text.charCodeAt(next) <= 0x20) next++
    if (text.charCodeAt(next) === COLON) names++
    open = text.charCodeAt(next) === QUOTE ? next : text.indexOf('"', next)
  }
  return names
}

/** Where the string that opens at `open` ends: at the first quote behind an even number of backslashes. */
function closingQuote(text: string, open: number): number {
  for (let quote = text.indexOf('"', open + 1); ; quote = text.indexOf('"', quote + 1)) {
    let before = quote - 1
    while (text.charCodeAt(before) === BACKSLASH) before--
    if ((quote - before) % 2 === 1) return quote
  }
}
