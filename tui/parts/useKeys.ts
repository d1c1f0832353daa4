import { type Key, useInput } from 'ink'
import { useRef } from 'react'

type Handler = (input: string, key: Key) => void

/**
 * Keys one after the other. What was struck fast, or came over a slow line, arrives in one piece, Enter and Tab in the middle of it: each key is
 * handled once the one before it has had its effect on the screen.
 */
export function useKeys(handler: Handler, options: { isActive: boolean } = { isActive: true }): void {
  const latest = useRef(handler)
  latest.current = handler
  const waiting = useRef<[string, Key][]>([])
  const drain = () => {
    const [next] = waiting.current
    if (!next) return
    latest.current(...next)
    setImmediate(() => {
      waiting.current.shift()
      drain()
    })
  }
  useInput((input, key) => {
    const isIdle = waiting.current.length === 0
    waiting.current.push(...keysIn(input, key))
    if (isIdle) drain()
  }, options)
}

/** What was struck, cut at the keys that mean something by themselves: Enter, Tab, the one above Enter, and letters with Ctrl. */
function keysIn(input: string, key: Key): [string, Key][] {
  // Enter that was struck before the terminal gave keys as they are has become a line feed.
  if (input === '\n') return [['', { ...key, return: true }]]
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are the keys.
  const pieces = input.length > 1 && !key.ctrl && !key.meta ? (input.match(/[\x00-\x1f\x7f]|[^\x00-\x1f\x7f]+/g) ?? []) : []
  if (pieces.length < 2) return [[input, key]]
  return pieces.map(piece => {
    const code = piece.charCodeAt(0)
    if (piece === '\r' || piece === '\n') return ['', { ...key, return: true }]
    if (piece === '\t') return ['', { ...key, tab: true }]
    if (piece === '\x7f' || piece === '\b') return ['', { ...key, backspace: true }]
    return code < 0x20 ? [String.fromCharCode(code + 0x60), { ...key, ctrl: true }] : [piece, key]
  })
}
