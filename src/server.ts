import { readConfig } from './config.ts'
import { health } from './server/health.ts'

/** The server's program: `server` serves, `server migrate`, `server health` and the others do one thing and end. */
async function main(words: string[]): Promise<void> {
  const [name = 'serve', ...rest] = words
  // It is asked every second while a server starts, so it does not wait for what the others load: that is a second of a core, on a small machine many.
  if (name === 'health') return health.run(readConfig())
  const { commands, usage } = await import('./server/commands.ts')
  if (name === '--help' || name === 'help') return void process.stdout.write(usage())
  const command = commands[name]
  if (!command) throw new Error(`There is no command "${name}". "npm run server -- --help" lists them.`)
  await command.run(readConfig(), rest)
}

main(process.argv.slice(2)).catch((error: Error) => {
  // One sentence that says what to do; the stack is for those who ask for it.
  process.stderr.write(`${process.env.QUARTERMASTER_LOG_LEVEL === 'debug' ? error.stack : error.message}\n`)
  process.exit(1)
})
