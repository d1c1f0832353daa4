import { createInterface } from 'node:readline'
import type { Outcome } from '../appliance/helper/protocol.ts'
import { askQuietly } from './askQuietly.ts'
import { parseWords } from './commandLine.ts'
import type { Field } from './fields.ts'
import { textOf } from './format.ts'
import { helpLines } from './help.ts'
import { exitCodeOf, exitCodes, outcomeLines, progressWords } from './outcome.ts'
import { type Asker, perform } from './perform.ts'
import { plain, plainJson } from './plain.ts'
import type { Session } from './session.ts'

const out = (text: string) => void process.stdout.write(`${text}\n`)
const beside = (text: string) => void process.stderr.write(`${text}\n`)

/**
 * `console <command> [--json] [--confirm WORD]`: does one command and ends with a code that programs read. Secrets come from standard input, a line
 * each, or are asked for at the terminal without echo; nothing else is asked for.
 */
export async function once(session: Session, given: string[], signal: AbortSignal): Promise<number> {
  const { words, json, confirmation } = ownOptions(given)
  const parsed = parseWords(words, session.actions)
  const width = process.stdout.columns || 100
  if (parsed.kind === 'own' && parsed.name === 'help') {
    out(helpLines(session.actions, parsed.words, width).map(textOf).join('\n'))
    return exitCodes.done
  }
  if (parsed.kind !== 'deed') {
    const sentence = parsed.kind === 'wrong' ? parsed.sentence : 'Say a command. "console help" lists them.'
    if (json) out(plainJson({ error: { code: 'USAGE', message: sentence } }))
    else beside(sentence)
    return exitCodes.usage
  }
  const asker = openAsker({ json, confirmation })
  const outcome = await perform(session, parsed, asker, signal)
  if (!outcome) return asker.gaveUp()
  if (json) out(plainJson(asData(outcome)))
  else if ('answer' in outcome) out(outcomeLines(outcome, width).map(textOf).join('\n'))
  else beside(outcomeLines(outcome, width).map(textOf).join('\n'))
  return exitCodeOf(outcome)
}

function ownOptions(given: string[]) {
  const at = given.indexOf('--confirm')
  const confirmation = at >= 0 ? given[at + 1] : undefined
  const rest = at >= 0 ? given.toSpliced(at, 2) : given
  return { words: rest.filter(word => word !== '--json'), json: rest.includes('--json'), confirmation }
}

const asData = (outcome: Outcome) =>
  'answer' in outcome
    ? { result: outcome.answer ?? null }
    : {
        error:
          'refusal' in outcome
            ? { code: outcome.refusal.code, message: outcome.refusal.sentence }
            : { code: 'FAULT', message: outcome.fault },
      }

function openAsker({ json, confirmation }: { json: boolean; confirmation: string | undefined }): Asker & { gaveUp(): number } {
  let code = exitCodes.usage
  const lines = process.stdin.isTTY ? undefined : createInterface({ input: process.stdin })[Symbol.asyncIterator]()
  const failed = (sentence: string, why: number) => {
    code = why
    if (json) out(plainJson({ error: { code: why === exitCodes.notConfirmed ? 'NOT_CONFIRMED' : 'USAGE', message: sentence } }))
    else beside(sentence)
    return undefined
  }
  const secret = async ({ name, words, twice }: Field) => {
    if (lines) return (await lines.next()).value as string | undefined
    const typed = await askQuietly(`${words}: `)
    if (!twice || typed === undefined || (await askQuietly('The same again: ')) === typed) return typed
    return failed(`The two are not the same: nothing was done with the ${name}.`, exitCodes.usage)
  }
  return {
    again: false,
    gaveUp: () => code,
    async fill(action, fields) {
      const filled: Record<string, unknown> = {}
      for (const field of fields) {
        if (!field.secret) return failed(`Say ${field.name}: ${field.words}. "console help ${action.name}" shows more.`, exitCodes.usage)
        const value = await secret(field)
        if (value === undefined) return failed(`The ${field.name} is missing: ${field.words}.`, exitCodes.usage)
        filled[field.name] = value
      }
      return filled
    },
    async confirm(action, word) {
      if (confirmation !== undefined) return confirmation
      return failed(`"${action.name}" wants to be confirmed: add --confirm ${word}`, exitCodes.notConfirmed)
    },
    told(line) {
      if (json) out(plainJson(line))
      else if ('job' in line) beside(`This is job ${line.job}; it goes on if you leave.`)
      else if ('line' in line.progress) out(plain(line.progress.line))
      else beside(progressWords(line.progress))
    },
  }
}
