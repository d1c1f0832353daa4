import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Loaded before a program (`node --import`): the minutes of its long timers are those that stand in the file `minutes` of its home, so that a test
 * lets ten of them pass at once, and none pass by themselves.
 */
const file = join(process.env.HOME!, 'minutes')
const minutes = () => (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0)
const real = globalThis.setTimeout

globalThis.setTimeout = ((deed: () => void, milliseconds = 0, ...rest: []) => {
  if (milliseconds < 300_000) return real(deed, milliseconds, ...rest)
  const due = minutes() + milliseconds / 60_000
  const watch = setInterval(() => {
    if (minutes() < due) return
    clearInterval(watch)
    deed()
  }, 20)
  return watch
}) as typeof setTimeout
