import type { TextProps } from 'ink'
import { createContext, useContext } from 'react'
import type { Tone } from './format.ts'
import { inAscii } from './plain.ts'
import type { Terminal } from './terminal.ts'

/** How things look on a terminal: colours by meaning, and signs that it has, also in words of others. */
export type Theme = {
  tone(tone: Tone): TextProps
  bar: TextProps
  selected: TextProps
  key: TextProps
  signs: Signs
  words(text: string): string
}
type Signs = { pointer: string; rule: string; side: string; full: string; empty: string; dot: string; mask: string; more: string }

/** Signs that a machine's own screen has too, whose font is that of the first PCs. */
const unicode: Signs = { pointer: '►', rule: '─', side: '│', full: '█', empty: '░', dot: '·', mask: '•', more: '…' }
const ascii: Signs = { pointer: '>', rule: '-', side: '|', full: '#', empty: '.', dot: '-', mask: '*', more: '...' }

const colours: Record<Tone, TextProps> = {
  plain: {},
  quiet: { dimColor: true },
  title: { bold: true },
  good: { color: 'green' },
  warning: { color: 'yellow' },
  bad: { color: 'red', bold: true },
}

/** Without colours the signs say it: what is selected has a pointer beside it, and every state is a word. */
export function themeFor({ unicode: hasSigns, colour }: Terminal): Theme {
  return {
    tone: tone => (colour ? colours[tone] : {}),
    bar: colour ? { inverse: true } : {},
    selected: colour ? { inverse: true } : {},
    key: colour ? { bold: true } : {},
    signs: hasSigns ? unicode : ascii,
    words: hasSigns ? text => text : inAscii,
  }
}

const context = createContext<Theme>(themeFor({ fullScreen: true, unicode: true, colour: true }))
export const ThemeProvider = context.Provider
export const useTheme = (): Theme => useContext(context)
