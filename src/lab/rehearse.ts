import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const program = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const run = promisify(execFile)

/** Longer than a laboratory takes to come up on any machine that could serve. */
const patience = 300_000

/**
 * What a new release has to do before anything of the old one is touched: with a database, a cloud and an account of its own, all of them thrown away
 * afterwards, a product registers, reports what it uses, and hears that it may. Ends with 0, or says what did not come about.
 */
async function main(): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), 'quartermaster-rehearsal-'))
  const ports = ['--https-port', '--device-http-port', '--device-https-port', '--cloud-port'].flatMap(option => [option, '0'])
  const laboratory = spawn(process.execPath, [program('./start.ts'), '--data', data, '--no-fleet', ...ports], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const words = text(laboratory.stderr)
  try {
    await standing(laboratory, join(data, 'lab.json'), words)
    const { token } = JSON.parse(readFileSync(join(data, 'lab.json'), 'utf8'))
    const product = (...each: string[]) => run(process.execPath, [program('./product/main.ts'), ...each, '--data', data])
    await product('register', '--token', token)
    const { stdout } = await product('use', 'advantage', '3')
    if (!/AUTHORIZED/.test(stdout)) throw new Error(`A product reported what it uses, and heard: ${stdout.trim()}`)
    process.stdout.write('A product registered, reported and was authorized.\n')
  } finally {
    laboratory.kill('SIGTERM')
    if (laboratory.exitCode === null) await once(laboratory, 'exit')
    rmSync(data, { recursive: true, force: true })
  }
}

/** Waits until the laboratory says in its file that it stands. */
async function standing(laboratory: ChildProcess, file: string, words: Promise<string>): Promise<void> {
  for (const end = performance.now() + patience; !existsSync(file); await pause(100)) {
    if (laboratory.exitCode !== null) throw new Error(`The laboratory did not come up. It said: ${(await words).trim()}`)
    if (performance.now() > end) throw new Error('The laboratory did not come up in time.')
  }
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
})
