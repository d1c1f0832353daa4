import { Box, Text } from 'ink'
import { h } from '../h.ts'
import { useTheme } from '../theme.ts'

/** A column of choices with a pointer at the chosen one; it moves where there are more than rows. */
export function Menu({
  names,
  chosen,
  focused,
  rows,
  width,
}: {
  names: string[]
  chosen: number
  focused: boolean
  rows: number
  width: number
}) {
  const { selected, signs, tone } = useTheme()
  const from = Math.max(0, Math.min(chosen - Math.floor(rows / 2), names.length - rows))
  const shown = names.slice(from, from + rows)
  return h(
    Box,
    { flexDirection: 'column', width, height: rows },
    ...shown.map((name, at) => {
      const isChosen = from + at === chosen
      const look = isChosen ? (focused ? selected : tone('title')) : {}
      return h(Text, { key: name, wrap: 'truncate', ...look }, ` ${isChosen ? signs.pointer : ' '} ${name}`.padEnd(width - 1))
    }),
  )
}
