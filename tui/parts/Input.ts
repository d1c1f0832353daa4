import { Text } from 'ink'
import type { Editing } from '../editing.ts'
import { h } from '../h.ts'
import { useTheme } from '../theme.ts'

/** A line that is being typed, with its cursor; the part around the cursor where it is longer than the room. Secrets are dots. */
export function Input({ line, width, focused, hidden = false }: { line: Editing; width: number; focused: boolean; hidden?: boolean }) {
  const { signs } = useTheme()
  const text = hidden ? signs.mask.repeat(line.text.length) : line.text
  if (!focused) return h(Text, { wrap: 'truncate' }, text.slice(0, width))
  const from = Math.max(0, line.at - width + 1)
  const shown = text.slice(from, from + width)
  const at = line.at - from
  return h(Text, { wrap: 'truncate' }, shown.slice(0, at), h(Text, { inverse: true }, shown[at] ?? ' '), shown.slice(at + 1))
}
