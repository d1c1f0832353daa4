import type { Key } from 'ink'
import { plain } from './plain.ts'

/** A line that is being typed, and where the cursor stands in it. */
export type Editing = { text: string; at: number }

export const editing = (text: string): Editing => ({ text, at: text.length })

/** More than anybody types: what is pasted beyond it is cut off. */
const longest = 4000

/** Puts typed or pasted text in at the cursor, on one line and without what a terminal would obey. */
export function insert({ text, at }: Editing, given: string): Editing {
  const clean = plain(given.replace(/[\r\n\t]+/g, ' ')).slice(0, Math.max(0, longest - text.length))
  return { text: text.slice(0, at) + clean + text.slice(at), at: at + clean.length }
}

/** What a key does to a line, with the keys that every shell has; undefined where it is not about the line. */
export function edit(line: Editing, input: string, key: Key): Editing | undefined {
  const { text, at } = line
  if (key.leftArrow) return { text, at: Math.max(0, at - 1) }
  if (key.rightArrow) return { text, at: Math.min(text.length, at + 1) }
  if (key.home || (key.ctrl && input === 'a')) return { text, at: 0 }
  if (key.end || (key.ctrl && input === 'e')) return { text, at: text.length }
  // Terminals send one or the other for the key above Enter.
  if (key.backspace || (key.delete && at === text.length))
    return at === 0 ? line : { text: text.slice(0, at - 1) + text.slice(at), at: at - 1 }
  if (key.delete) return { text: text.slice(0, at) + text.slice(at + 1), at }
  if (key.ctrl && input === 'u') return { text: text.slice(at), at: 0 }
  if (key.ctrl && input === 'k') return { text: text.slice(0, at), at }
  if (key.ctrl && input === 'w') {
    const kept = text.slice(0, at).replace(/\S*\s*$/, '')
    return { text: kept + text.slice(at), at: kept.length }
  }
  if (key.ctrl || key.meta || key.escape || key.tab || key.return || key.upArrow || key.downArrow || key.pageUp || key.pageDown)
    return undefined
  return input === '' ? undefined : insert(line, input)
}
