import { createInterface, type Interface } from 'node:readline'
import type { Outcome, Reply } from '../appliance/helper/protocol.ts'
import { completionsOf, parseLine } from './commandLine.ts'
import { consent } from './consent.ts'
import type { Field } from './fields.ts'
import { textOf } from './format.ts'
import { helpLines } from './help.ts'
import type { History } from './history.ts'
import { outcomeLines, progressWords } from './outcome.ts'
import { type Asker, type Deed, perform } from './perform.ts'
import { plain } from './plain.ts'
import type { Session } from './session.ts'

/** A share that is said: not each, or whoever listens hears nothing else. */
const everyTenth = 10
/** Refused answers after which a command is given up: whoever is asked has no form before them that Esc would close. */
const triesAtMost = 3

export type Linear = {
  session: Session
  history: History
  touched(): void
  input: NodeJS.ReadStream
  output: NodeJS.WriteStream
  ended: AbortSignal
}

/**
 * The console line by line, as a screen reader and a terminal without a cursor want it: a prompt, a command, its answer; nothing is drawn over.
 * It ends with the input, with `exit`, or with `ended`.
 */
export async function runLinear({ session, history, touched, input, output, ended }: Linear): Promise<void> {
  const say = (text = '') => void output.write(`${text}\n`)
  const width = () => Math.min(output.columns || 80, 100)
  const lines = openLines({ session, history, touched, input, output, ended })
  const { about } = session
  try {
    if (about.profile === 'stig') {
      say(consent)
      if ((await lines.ask('Enter agrees, Ctrl-D leaves: ')) === undefined) return
    }
    say(`Quartermaster ${about.release} on ${about.host}, ${about.profile === 'stig' ? 'STIG' : 'Standard'} profile, ${about.role}.`)
    if (session.trouble) say(session.trouble)
    say('Type "help" for the commands, Tab to complete, Ctrl-C to give a command up, Ctrl-D to leave.')
    for (;;) {
      const typed = await lines.ask('> ')
      if (typed === undefined) return
      const parsed = parseLine(typed, session.actions)
      if (parsed.kind !== 'nothing') history.add(typed)
      if (parsed.kind === 'wrong') say(parsed.sentence)
      if (parsed.kind === 'deed') await lines.during(async signal => say(await performed(session, parsed, lines, say, signal, width())))
      if (parsed.kind !== 'own' || parsed.name === 'clear') continue
      if (parsed.name === 'exit') return
      say(parsed.name === 'history' ? history.lines.join('\n') : helpLines(session.actions, parsed.words, width()).map(textOf).join('\n'))
    }
  } finally {
    lines.close()
  }
}

type Lines = {
  /** The next line that is typed; undefined where somebody leaves. */
  ask(prompt: string, hidden?: boolean): Promise<string | undefined>
  /** Work that Ctrl-C stops. */
  during(work: (signal: AbortSignal) => Promise<void>): Promise<void>
  close(): void
}

async function performed(
  session: Session,
  deed: Deed,
  lines: Lines,
  say: (text: string) => void,
  signal: AbortSignal,
  width: number,
): Promise<string> {
  const outcome = await perform(session, deed, askerOn(lines, say), signal)
  if (!outcome) return 'Nothing was done.'
  return outcomeLines(outcome, width).map(textOf).join('\n')
}

function askerOn(lines: Lines, say: (text: string) => void): Asker {
  let last = ''
  let refused = 0
  return {
    again: true,
    async fill(_action, fields, _given, why) {
      if (why) say(why)
      if (why && ++refused === triesAtMost) {
        say(`${triesAtMost} answers were refused. Begin the command again when you know the answer.`)
        return undefined
      }
      const filled: Record<string, unknown> = {}
      for (const field of fields) {
        const value = await askField(lines, field, say)
        if (value === undefined) return undefined
        filled[field.name] = value
      }
      return filled
    },
    confirm: (action, word) => lines.ask(`${action.sentence}. Type ${word} to go on: `),
    told(line: Exclude<Reply, Outcome>) {
      if ('job' in line) return say(`This is job ${line.job}; it goes on if you leave.`)
      if ('line' in line.progress) return say(plain(line.progress.line))
      const { done, of, ...step } = line.progress
      const tenth = done !== undefined && of ? { done: Math.floor((done / of) * everyTenth), of: everyTenth } : {}
      const words = progressWords({ ...step, ...tenth })
      if (words !== last) say(words)
      last = words
    },
  }
}

async function askField(lines: Lines, field: Field, say: (text: string) => void): Promise<string | undefined> {
  const choices = field.choices.length > 0 ? ` (${field.choices.join(', ')})` : ''
  for (let tries = 0; tries < triesAtMost; tries++) {
    const value = await lines.ask(`${field.words}${choices}: `, field.secret)
    if (value === undefined || !field.twice) return value
    const again = await lines.ask('the same again: ', field.secret)
    if (again === undefined || again === value) return again
    say('The two are not the same.')
  }
  return undefined
}

/** Lines from one readline for the whole session, so that nothing that was typed ahead is lost. */
function openLines({ session, history, touched, input, output, ended }: Linear): Lines {
  let hidden = false
  const mutable = Object.assign(Object.create(output), {
    write: (piece: string | Uint8Array, ...rest: []) => (hidden && piece !== '\r\n' ? true : output.write(piece, ...rest)),
  }) as NodeJS.WriteStream
  const reader: Interface = createInterface({
    input,
    output: mutable,
    terminal: Boolean(input.isTTY),
    history: history.lines.toReversed(),
    completer: (line: string, done: (error: null, found: [string[], string]) => void) =>
      void completionsOf(line, session.actions, session.namesOf).then(({ typed, ways }) =>
        done(null, [ways.map(({ word }) => word), typed]),
      ),
  })
  const waiting: ((line: string | undefined) => void)[] = []
  const ahead: string[] = []
  let closed = false
  let stop: (() => void) | undefined
  const giveUp = () => {
    for (const answer of waiting.splice(0)) answer(undefined)
  }
  reader.on('line', line => (waiting.length > 0 ? waiting.shift()!(line) : ahead.push(line)))
  reader.on('SIGINT', () => {
    reader.write(null, { ctrl: true, name: 'u' })
    if (!stop) return
    stop()
    giveUp()
  })
  input.on('data', touched)
  reader.on('SIGTSTP', () => {})
  reader.on('close', () => {
    closed = true
    stop?.()
    giveUp()
  })
  ended.addEventListener('abort', () => reader.close())
  return {
    async ask(prompt, isHidden = false) {
      if (ahead.length > 0) return ahead.shift()
      if (closed) return undefined
      reader.setPrompt(prompt)
      reader.prompt()
      hidden = isHidden
      const line = await new Promise<string | undefined>(resolve => waiting.push(resolve))
      // What was typed without echo is not to be found with the arrow keys either.
      if (hidden && line) (reader as Interface & { history?: string[] }).history?.shift()
      if (hidden || line === undefined) output.write('\n')
      hidden = false
      return line
    },
    async during(work) {
      const leave = new AbortController()
      stop = () => leave.abort()
      try {
        await work(leave.signal)
      } finally {
        stop = undefined
      }
    },
    close() {
      input.off('data', touched)
      reader.close()
    },
  }
}
