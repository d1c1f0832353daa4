import { Box, Text } from 'ink'
import { useEffect, useState } from 'react'
import { h } from '../h.ts'
import type { About } from '../session.ts'
import { useTheme } from '../theme.ts'

/** The top line: host, release, profile, role; alerts and clock at its end. What has no room is left out from the middle, never cut. */
export function Bar({ about, alerts, columns }: { about: About; alerts: number | undefined; columns: number }) {
  const { bar, signs } = useTheme()
  const clock = useClock()
  const left = ['Quartermaster', about.host, about.release, about.profile === 'stig' ? 'STIG' : 'Standard', about.role]
  const right = [...(alerts === undefined ? [] : [alerts === 0 ? 'no alerts' : alerts === 1 ? '1 alert' : `${alerts} alerts`]), clock]
  const between = `  `
  const words = (parts: string[]) => parts.join(` ${signs.dot} `)
  const room = columns - words(right).length - between.length - 2
  // The name of the product goes first, then the role, where a name is long.
  const choices = [left, left.slice(1), left.slice(1, 4), left.slice(1, 2)]
  const shown = choices.map(words).find(text => text.length <= room) ?? about.host.slice(0, Math.max(0, room))
  return h(Box, { height: 1 }, h(Text, { ...bar, wrap: 'truncate' }, ` ${shown.padEnd(Math.max(0, room))}${between}${words(right)} `))
}

function useClock(): string {
  const [now, setNow] = useState(() => new Date())
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), 1000)
    return () => clearInterval(timer)
  }, [])
  return `${now.toISOString().slice(11, 19)} UTC`
}
