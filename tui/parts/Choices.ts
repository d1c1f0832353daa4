import { Box, Text } from 'ink'
import type { Action } from '../../appliance/actions/action.ts'
import { h } from '../h.ts'
import { entry } from '../help.ts'
import { useTheme } from '../theme.ts'

/** The commands of a subject, each with its sentence: as long as that is where there is room, else its first line. */
export function Choices({ actions, chosen, rows, width }: { actions: Action[]; chosen: number | undefined; rows: number; width: number }) {
  const { tone, signs, selected } = useTheme()
  const label = Math.max(...actions.map(({ name }) => name.length))
  const entries = actions.map(({ name, sentence }) => entry(name, sentence, label, width))
  const isRoomy = entries.reduce((sum, each) => sum + each.length, 0) <= rows
  const shown = entries.flatMap((lines, at) =>
    (isRoomy ? lines : lines.slice(0, 1)).map(([name, words], row) => {
      const isChosen = at === chosen && row === 0
      const label = isChosen ? ` ${signs.pointer}${name!.text.slice(1)}` : ` ${name!.text}`
      return h(
        Text,
        { key: `${at} ${row}`, wrap: 'truncate' },
        h(Text, isChosen ? selected : {}, label.slice(0, -1)),
        ' ',
        h(Text, tone('quiet'), words?.text),
      )
    }),
  )
  return h(Box, { flexDirection: 'column', height: rows }, ...shown)
}
