import { readConfig } from '../config.ts'
import { commands, usage } from './backup/commands.ts'
import { exitCodeOf, exitCodes } from './backup/exitCodes.ts'
import { openPaper } from './backup/paper.ts'

/** `npm run backup -- …`: takes, lists, tries, restores and deletes backups. The console, a timer and people start it. */
async function main(words: string[]): Promise<number> {
  const [name = '--help', ...rest] = words
  if (name === '--help' || name === 'help') {
    process.stdout.write(usage())
    return 0
  }
  const paper = openPaper(rest.includes('--json'))
  const command = commands[name]
  if (!command) {
    paper.failed(new Error(`There is no command "${name}". "npm run backup -- --help" lists them.`))
    return exitCodes.usage
  }
  try {
    paper.result(
      await command.run(
        readConfig(),
        rest.filter(word => word !== '--json'),
        paper,
      ),
    )
    return 0
  } catch (error) {
    paper.failed(error as Error)
    return exitCodeOf(error)
  }
}

process.exitCode = await main(process.argv.slice(2))
