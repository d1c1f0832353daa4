import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'

/** Asks one line. With `isSecret` nothing is shown while it is typed. Whoever ends the input, or types Ctrl-C, ends the installation. */
async function askLine(question: string, isSecret = false): Promise<string> {
  const silent = new Writable({ write: (_piece, _encoding, done) => done() })
  process.stdout.write(question)
  const lines = createInterface({ input: process.stdin, output: isSecret ? silent : process.stdout, terminal: true })
  lines.setPrompt('')
  const ended = new Promise<never>((_resolve, reject) => {
    lines.once('SIGINT', () => reject(new Error('\nStopped. Run it again: what was done stays done.')))
    lines.once('close', () => reject(new Error('\nThe input ended. Run it again: what was done stays done.')))
  })
  // Whoever waits below hears of it; after an answer nobody does.
  ended.catch(() => {})
  try {
    return (await Promise.race([lines.question(isSecret ? '' : question), ended])).trim()
  } finally {
    lines.close()
    if (isSecret) process.stdout.write('\n')
  }
}

/** Asks for one word, which may be none. */
export const askWord = (question: string): Promise<string> => askLine(question)

/** Asks until the answer is taken: `check` gives what is wrong with it, in a sentence. Enter takes the preset. */
export async function ask(
  question: string,
  { preset = '', check }: { preset?: string; check(answer: string): string | undefined },
): Promise<string> {
  for (;;) {
    const answer = (await askLine(`${question}${preset && ` [${preset}]`}: `)) || preset
    const wrong = check(answer)
    if (!wrong) return answer
    process.stdout.write(`  ${wrong}\n`)
  }
}

/** Asks for a secret twice, without showing it. */
export async function askSecret(question: string, check: (answer: string) => string | undefined): Promise<string> {
  for (;;) {
    const answer = await askLine(`${question}: `, true)
    const wrong = check(answer) ?? ((await askLine('Once more: ', true)) === answer ? undefined : 'The two are not the same.')
    if (!wrong) return answer
    process.stdout.write(`  ${wrong}\n`)
  }
}
