import { Box, Text } from 'ink'
import type { Line } from '../format.ts'
import { h } from '../h.ts'
import { useTheme } from '../theme.ts'

/** Lines as they fit on so many rows, from one on. Whoever gives them has cut them to the width. */
export function Lines({ lines, from, rows }: { lines: Line[]; from: number; rows: number }) {
  const { tone, words } = useTheme()
  const shown = lines.slice(from, from + rows)
  return h(
    Box,
    { flexDirection: 'column', height: rows },
    ...shown.map((pieces, at) =>
      h(
        Text,
        { key: at, wrap: 'truncate' },
        ...(pieces.length === 0
          ? [' ']
          : pieces.map((piece, part) => h(Text, { key: part, ...tone(piece.tone) }, words(piece.text) || ' '))),
      ),
    ),
  )
}
