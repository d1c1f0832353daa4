import { render } from 'ink'
import { useState } from 'react'
import { h } from './h.ts'
import type { History } from './history.ts'
import { Consent } from './screens/Consent.ts'
import { Screen } from './screens/Screen.ts'
import type { Session } from './session.ts'
import type { Terminal } from './terminal.ts'
import { ThemeProvider, themeFor } from './theme.ts'

export type Showing = {
  session: Session
  history: History
  terminal: Terminal
  touched(): void
  stdin?: NodeJS.ReadStream
  stdout?: NodeJS.WriteStream
}

/** Draws the console on the whole screen until somebody leaves it; `close` makes them. */
export function showFullScreen({ session, history, terminal, touched, ...streams }: Showing): { left: Promise<unknown>; close(): void } {
  function Console() {
    const [agreed, setAgreed] = useState(session.about.profile !== 'stig')
    if (agreed) return h(Screen, { session, history, touched })
    return h(Consent, { answered: yes => (yes ? setAgreed(true) : shown.unmount()) })
  }
  const shown = render(h(ThemeProvider, { value: themeFor(terminal) }, h(Console)), {
    ...streams,
    exitOnCtrlC: false,
    alternateScreen: true,
    interactive: true,
    patchConsole: false,
    isScreenReaderEnabled: false,
    kittyKeyboard: { mode: 'disabled' },
  })
  return { left: shown.waitUntilExit(), close: shown.unmount }
}
