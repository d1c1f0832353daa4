import { debuglog } from 'node:util'
import { helpText, parseCommandLine } from './commandLine.ts'
import { exitCodes, UsageError } from './commands/command.ts'

/** Runs the command of a command line; gives the process's exit code. Data goes to standard output, what is said on the way to standard error. */
async function main(args: string[]): Promise<number> {
  const { command, values, operands } = parseCommandLine(args)
  if (!command || values.help) {
    console.log(helpText(command))
    return command || values.help ? exitCodes.done : exitCodes.usage
  }
  const isForScripts = values.json === true
  const streams = command.words === 'run'
  const { exitCode, lines, data } = await command.run({
    values,
    operands,
    say: line => (streams ? console.log(line) : console.error(line)),
  })
  const isFailure = exitCode !== exitCodes.done && !isForScripts
  for (const line of isForScripts ? [JSON.stringify(data)] : lines) (isFailure ? console.error : console.log)(line)
  return exitCode
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  console.error((error as Error).message)
  debuglog('product')('%s', (error as Error).stack)
  process.exitCode = error instanceof UsageError ? exitCodes.usage : exitCodes.refused
}
