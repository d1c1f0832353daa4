import { Box, Text, useWindowSize } from 'ink'
import { consent } from '../consent.ts'
import { textLines } from '../format.ts'
import { h } from '../h.ts'
import { Lines } from '../parts/Lines.ts'
import { useKeys } from '../parts/useKeys.ts'
import { useTheme } from '../theme.ts'

/** What somebody agrees to before anything else is shown. Enter agrees; Escape, Ctrl-C and Ctrl-D leave. */
export function Consent({ answered }: { answered(agreed: boolean): void }) {
  const { columns, rows } = useWindowSize()
  const { key: look, tone } = useTheme()
  const width = Math.min(70, columns - 4)
  const lines = textLines(consent, width)
  useKeys((input, key) => {
    if (key.return) answered(true)
    if (key.escape || (key.ctrl && (input === 'c' || input === 'd'))) answered(false)
  })
  return h(
    Box,
    { height: rows, width: columns, flexDirection: 'column', alignItems: 'center', justifyContent: 'center' },
    h(
      Box,
      { flexDirection: 'column', width },
      h(Lines, { lines, from: 0, rows: lines.length }),
      h(Text, null, ' '),
      h(Text, null, h(Text, look, 'Enter'), h(Text, tone('quiet'), ' agree   '), h(Text, look, 'Esc'), h(Text, tone('quiet'), ' leave')),
    ),
  )
}
