import { Box, Text } from 'ink'
import { h } from '../h.ts'
import { useTheme } from '../theme.ts'

/** The keys that mean something at this moment; as many as there is room for, the most useful first. */
export function Footer({ keys, columns }: { keys: [string, string][]; columns: number }) {
  const { key: look, tone } = useTheme()
  let room = columns - 1
  const shown = keys.filter(([key, words]) => {
    room -= key.length + words.length + 3
    return room >= -2
  })
  return h(
    Box,
    { height: 1 },
    h(
      Text,
      { wrap: 'truncate' },
      ' ',
      ...shown.flatMap(([key, words], at) => [
        at > 0 ? '  ' : '',
        h(Text, { key: `${key}k`, ...look }, key),
        h(Text, { key, ...tone('quiet') }, ` ${words}`),
      ]),
    ),
  )
}

/** Which keys those are. */
export function keysFor(now: { wish: boolean; running: boolean; job: boolean; scrolls: boolean; typed: boolean }): [string, string][] {
  if (now.wish)
    return [
      ['Enter', 'next'],
      ['Up/Down', 'line'],
      ['Left/Right', 'choose'],
      ['Esc', 'give up'],
    ]
  const scroll: [string, string][] = now.scrolls ? [['PgUp/PgDn', 'scroll']] : []
  if (now.running) return [['Ctrl-C', now.job ? 'let it go on alone' : 'stop'], ...scroll]
  const first: [string, string][] = now.typed
    ? [
        ['Enter', 'do it'],
        ['Tab', 'complete'],
        ['Up/Down', 'history'],
      ]
    : [
        ['Up/Down', 'menu'],
        ['Enter', 'open'],
      ]
  const rest: [string, string][] = [
    ['?', 'help'],
    ['Esc', 'back'],
    ['Ctrl-D', 'leave'],
    ...(now.typed ? [] : ([['Ctrl-P', 'history']] as [string, string][])),
  ]
  return [...first, ...scroll, ...rest]
}
