import { Box, Text } from 'ink'
import { useEffect, useState } from 'react'
import { h } from '../h.ts'
import { progressWords } from '../outcome.ts'
import type { Running } from '../screens/useWork.ts'
import { useTheme } from '../theme.ts'

/** What a command is at: in words, and a bar where it says how much there is to do. */
export function Progress({ running, width, rows }: { running: Running; width: number; rows: number }) {
  const { signs, tone } = useTheme()
  const { progress, job } = running
  const share = progress?.of ? Math.min(1, (progress.done ?? 0) / progress.of) : undefined
  const [seconds, setSeconds] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => setSeconds(before => before + 1), 1000)
    return () => clearInterval(timer)
  }, [])
  const room = Math.min(50, width)
  const full = Math.round((share ?? 0) * room)
  return h(
    Box,
    { flexDirection: 'column', height: rows },
    h(Text, { wrap: 'truncate' }, `${progress ? progressWords(progress) : 'Under way'}${signs.more} ${seconds} s`),
    share === undefined
      ? null
      : h(Text, null, h(Text, tone('good'), signs.full.repeat(full)), h(Text, tone('quiet'), signs.empty.repeat(room - full))),
    h(Text, null, ' '),
    job ? h(Text, { ...tone('quiet'), wrap: 'truncate' }, `Job ${job}: it goes on if you leave.`) : null,
  )
}
