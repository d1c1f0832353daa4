import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { type Command, UsageError, type Values } from './commands/command.ts'
import { commonHelp, commonOptions } from './commands/commonOptions.ts'
import { commands } from './commands/index.ts'

export type CommandLine = { command: Command | undefined; values: Values; operands: string[] }

/** Takes a command line apart. Throws UsageError for a command or an option that there is none of. */
export function parseCommandLine(args: string[]): CommandLine {
  const words = wordsOf(args)
  const command = commandOf(words)
  if (!command && words.length > 0) throw new UsageError(unknownCommand(words))
  const { values, positionals } = strictly(args, { ...commonOptions, ...command?.options })
  return { command, values, operands: positionals.slice(command?.words.split(' ').length ?? 0) }
}

/** What is no option and no option's value, as far as that can be told before the command is known. */
function wordsOf(args: string[]): string[] {
  const options = Object.assign({}, ...commands.map(command => command.options), commonOptions) as ParseArgsOptionsConfig
  return parseArgs({ args, options, strict: false, allowPositionals: true }).positionals
}

const commandOf = (words: string[]): Command | undefined =>
  commands.find(command => command.words === words.slice(0, command.words.split(' ').length).join(' '))

function strictly(args: string[], options: ParseArgsOptionsConfig): { values: Values; positionals: string[] } {
  try {
    return parseArgs({ args, options, strict: true, allowPositionals: true })
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}: see --help.`)
  }
}

function unknownCommand([first, ...others]: string[]): string {
  const alike = commands.filter(command => command.words.split(' ')[0] === first).map(command => command.words)
  if (alike.length > 0) return `Say more than '${[first, ...others].join(' ')}': ${alike.join(', ')}.`
  return `There is no command '${first}': see --help.`
}

/** The help of a command, or of all. */
export function helpText(command: Command | undefined): string {
  if (command) {
    const details = command.details ? `\n\n${command.details.replace(/^/gm, '  ')}` : ''
    return `npm run product -- ${command.usage}\n\n${sentence(command.summary)}${details}\n\n${commonHelp}`
  }
  const width = Math.max(...commands.map(({ usage }) => (usage.length > 40 ? 0 : usage.length))) + 2
  const rows = commands.map(({ usage, summary }) =>
    usage.length + 2 > width ? `  ${usage}\n  ${' '.repeat(width)}${summary}` : `  ${usage.padEnd(width)}${summary}`,
  )
  return `npm run product -- COMMAND [options]: a product that a license server looks after.\n\n${rows.join('\n')}\n\n${commonHelp}`
}

const sentence = (text: string) => `${text[0]!.toUpperCase()}${text.slice(1)}.`
