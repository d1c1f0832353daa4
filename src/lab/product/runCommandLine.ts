import { debuglog } from 'node:util'
import { helpText, parseCommandLine } from './commandLine.ts'
import { exitCodes, UsageError } from './commands/command.ts'

/** Where the lines of a command go: what was asked for, and what is said beside it. */
export type Print = { out: (line: string) => void; err: (line: string) => void }

/** Runs the command of a command line; gives the exit code. What goes wrong is said in a sentence, its stack only with NODE_DEBUG=product. */
export async function runCommandLine(args: string[], print: Print): Promise<number> {
  try {
    return await runCommand(args, print)
  } catch (error) {
    print.err((error as Error).message)
    debuglog('product')('%s', (error as Error).stack)
    return error instanceof UsageError ? exitCodes.usage : exitCodes.refused
  }
}

async function runCommand(args: string[], { out, err }: Print): Promise<number> {
  const { command, values, operands } = parseCommandLine(args)
  if (!command || values.help) {
    out(helpText(command))
    return values.help ? exitCodes.done : exitCodes.usage
  }
  const isForScripts = values.json === true
  const { exitCode, lines, complaints = [], data } = await command.run({ values, operands, say: command.words === 'run' ? out : err })
  for (const line of isForScripts ? [JSON.stringify(data)] : lines) out(line)
  for (const complaint of isForScripts ? [] : complaints) err(complaint)
  return exitCode
}
