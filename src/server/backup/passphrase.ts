import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'

const firstLine = (words: string) => words.split(/\r?\n/)[0]!

/** Asks at the terminal without showing what is typed. */
async function ask(question: string): Promise<string> {
  process.stderr.write(question)
  const nothing = new Writable({ write: (_bytes, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: nothing, terminal: true })
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once('line', resolve).once('close', () => reject(new Error('No passphrase was given.')))
      lines.once('SIGINT', () => lines.close())
    })
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}

/**
 * The passphrase: the first line of a file, or of standard input, or asked at the terminal (twice, where it locks something new). Never a word
 * of the command line, which everybody on the machine may read.
 */
export async function readPassphrase(file: string | undefined, { twice = false } = {}): Promise<string> {
  if (file) return firstLine(readFileSync(file, 'utf8'))
  if (!process.stdin.isTTY) return firstLine(await text(process.stdin))
  const passphrase = await ask('Passphrase: ')
  if (twice && (await ask('The same again: ')) !== passphrase) throw new Error('The two are not the same.')
  return passphrase
}
