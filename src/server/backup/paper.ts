import type { Tell } from '../../administration/backup/progress.ts'
import type { Config } from '../../config.ts'
import { Refusal } from '../../rules/refusal.ts'

/** What a command came to: lines for people, and the same as data for programs. */
export type Result = { lines: string[]; data: unknown }

/** One thing the program does. */
export type Command = { words: string; summary: string; run(config: Config, words: string[], paper: Paper): Promise<Result> }

/** Where the program writes: lines of text, or with `--json` one JSON object a line, of which the last is `result` or `error`. */
export type Paper = { tell: Tell; result(result: Result): void; failed(error: Error): void }

const write = (stream: NodeJS.WriteStream, text: string) => void stream.write(`${text}\n`)
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`

export function openPaper(json: boolean): Paper {
  if (json) {
    const line = (value: unknown) => write(process.stdout, JSON.stringify(value))
    return {
      tell: progress => line({ progress }),
      result: ({ data }) => line({ result: data }),
      failed: error => line({ error: { code: error instanceof Refusal ? error.code : 'FAULT', message: error.message } }),
    }
  }
  return {
    // Beside the result, so that a pipe gets the result alone.
    tell: ({ step, bytes }) => write(process.stderr, bytes ? `${step}: ${megabytes(bytes)}` : step),
    result: ({ lines }) => {
      for (const line of lines) write(process.stdout, line)
    },
    failed: error =>
      write(process.stderr, process.env.QUARTERMASTER_LOG_LEVEL === 'debug' ? (error.stack ?? error.message) : error.message),
  }
}
