import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'

/** Asks at the terminal, line by line, without showing what is typed. Undefined: whoever was asked would rather not. */
export function askQuietly(question: string): Promise<string | undefined> {
  process.stderr.write(question)
  const nothing = new Writable({ write: (_bytes, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: nothing, terminal: true })
  return new Promise<string | undefined>(resolve => {
    lines.on('SIGTSTP', () => {})
    lines.once('SIGINT', () => lines.close())
    lines.once('close', () => resolve(undefined))
    lines.once('line', line => {
      resolve(line)
      lines.close()
    })
  }).finally(() => process.stderr.write('\n'))
}
