import { useRef, useState } from 'react'
import type { Progress } from '../../appliance/actions/machine.ts'
import type { Outcome } from '../../appliance/helper/protocol.ts'
import { usageOf } from '../fields.ts'
import { type Line, line, textLines } from '../format.ts'
import { outcomeLines } from '../outcome.ts'
import type { FormWish } from '../parts/Form.ts'
import { type Asker, type Deed, perform } from '../perform.ts'
import type { Session } from '../session.ts'

/** A command under way: what it is at, the job that it became, lines that it follows, and how to let go of it. */
export type Running = { name: string; job: string | undefined; progress: Exclude<Progress, { line: string }> | undefined; stop(): void }
/** What the pane at the right shows, under a title; `follow`: its end is what one looks at. */
export type Shown = { title: string; lines: Line[]; follow?: boolean }

/** As many lines of a log that is followed as can be paged through. */
const mostLines = 5000

/** Commands one at a time: their questions, their progress and their answers. */
export function useWork(session: Session, width: number) {
  const [running, setRunning] = useState<Running | undefined>(undefined)
  const [wish, setWish] = useState<FormWish | undefined>(undefined)
  const [shown, setShown] = useState<Shown | undefined>(undefined)
  // An answer is cut to the width at which it is drawn, so it is kept as it came.
  const outcome = useRef<{ title: string; outcome: Outcome; leftJob: string | undefined } | undefined>(undefined)

  const show = (title: string, lines: Line[]) => {
    outcome.current = undefined
    setShown({ title, lines })
  }
  const showOutcome = (title: string, found: Outcome, leftJob: string | undefined) => {
    outcome.current = { title, outcome: found, leftJob }
    setShown({ title, lines: linesFor(found, leftJob, width) })
  }

  const start = async (deed: Deed, withForm = false) => {
    const { action } = deed
    const title = action.name
    const leave = new AbortController()
    let job: string | undefined
    const followed: Line[] = []
    const ask = (values: Omit<FormWish, 'done'>) =>
      new Promise<Record<string, unknown> | undefined>(resolve =>
        setWish({
          ...values,
          done(given) {
            setWish(undefined)
            resolve(given)
          },
        }),
      )
    const asker: Asker = {
      again: true,
      fill: (_action, fields, given, why) => ask({ title, sentence: action.sentence, fields, given, why }),
      confirm: async (_action, word) => (await ask(confirmation(title, action.sentence, word)))?.word as string | undefined,
      told(reply) {
        if ('job' in reply) job = reply.job
        else if ('line' in reply.progress) {
          followed.push(...textLines(reply.progress.line, width))
          setShown({ title, lines: followed.slice(-mostLines), follow: true })
          return
        }
        const progress = 'progress' in reply && 'step' in reply.progress ? reply.progress : undefined
        setRunning(now => ({ name: title, job, progress: progress ?? now?.progress, stop: () => leave.abort() }))
      },
    }
    setRunning({ name: title, job: undefined, progress: undefined, stop: () => leave.abort() })
    const found = await perform(session, deed, asker, leave.signal, withForm)
    setRunning(undefined)
    if (!found) show(title, [line('Nothing was done.', 'quiet'), [], line(usageOf(action), 'quiet')])
    else if (followed.length > 0 && leave.signal.aborted) setShown({ title, lines: followed.slice(-mostLines) })
    else showOutcome(title, found, leave.signal.aborted ? job : undefined)
  }

  const redraw = () => {
    const kept = outcome.current
    if (kept) setShown({ title: kept.title, lines: linesFor(kept.outcome, kept.leftJob, width) })
  }
  return { running, wish, shown, show, hide: () => setShown(undefined), start, redraw }
}

const linesFor = (outcome: Outcome, leftJob: string | undefined, width: number): Line[] =>
  leftJob ? textLines(`It goes on as job ${leftJob}. "job attach ${leftJob}" looks on again.`, width) : outcomeLines(outcome, width)

const confirmation = (title: string, sentence: string, word: string): Omit<FormWish, 'done'> => ({
  title,
  sentence: `${sentence}.`,
  why: `Type ${word} to go on; Esc leaves everything as it is.`,
  given: {},
  fields: [
    {
      name: 'word',
      words: 'the word above',
      kind: 'text',
      choices: [],
      required: true,
      secret: false,
      twice: false,
      positional: true,
      preset: '',
      names: [],
    },
  ],
})
