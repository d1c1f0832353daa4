import { useEffect, useState } from 'react'
import type { Session } from '../session.ts'

/** The database is asked for them, so that they are looked at seldom. */
const every = 60_000

/** How many alerts are open; undefined where nobody can say. */
export function useAlerts({ helper, trouble }: Session): number | undefined {
  const [count, setCount] = useState<number | undefined>(undefined)
  useEffect(() => {
    if (trouble) return
    const leave = new AbortController()
    const look = async () => {
      const outcome = await helper.ask({ action: 'alerts' }, { signal: leave.signal })
      if (leave.signal.aborted) return
      const found = 'answer' in outcome ? (outcome.answer as { alerts?: unknown[] } | null)?.alerts : undefined
      setCount(Array.isArray(found) ? found.length : undefined)
    }
    void look()
    const timer = setInterval(() => void look(), every)
    return () => {
      leave.abort()
      clearInterval(timer)
    }
  }, [helper, trouble])
  return count
}
