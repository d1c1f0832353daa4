import { useEffect, useState } from 'react'
import { type About, askAbout, type Session } from '../session.ts'

const every = 30_000

/** What the machine is at this moment: an upgrade, a new name or a switchover shows while the console stays open. */
export function useAbout({ helper, about, trouble }: Session): About {
  const [now, setNow] = useState(about)
  useEffect(() => {
    if (trouble) return
    const leave = new AbortController()
    const look = async () => {
      const found = await askAbout(helper, leave.signal)
      if (!leave.signal.aborted && 'about' in found) setNow(found.about)
    }
    const timer = setInterval(() => void look(), every)
    return () => {
      leave.abort()
      clearInterval(timer)
    }
  }, [helper, trouble])
  return now
}
