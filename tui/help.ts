import { type Action, subjects } from '../appliance/actions/action.ts'
import { ownCommands } from './commandLine.ts'
import { fieldsOf, usageOf } from './fields.ts'
import { type Line, line, textLines } from './format.ts'

/** All commands by subject; with a name, how that one is typed and what its arguments mean. */
export function helpLines(actions: readonly Action[], words: string[], width: number): Line[] {
  const name = words.join(' ')
  if (name === '') return listing(actions, width)
  const found = actions.filter(each => each.name === name || each.name.startsWith(`${name} `))
  if (found.length === 0) return [line(`There is no command "${name}". "help" lists them.`, 'warning')]
  return found.flatMap((action, at) => [...(at > 0 ? [line('')] : []), ...about(action, width)])
}

function about(action: Action, width: number): Line[] {
  const fields = fieldsOf(action)
  const label = Math.max(0, ...fields.map(({ name }) => name.length))
  const rows = fields.flatMap(({ name, words, choices, preset, secret }) => {
    const more = [choices.join(' | '), preset && `else ${preset}`, secret && 'asked for without echo'].filter(Boolean).join('; ')
    return entry(name, more ? `${words} (${more})` : words, label, width)
  })
  const remarks = [
    ...(action.job ? ['It goes on when you leave; "job list" finds it again.'] : []),
    ...(action.confirm ? ['It asks for a word to be typed before it does anything.'] : []),
  ]
  return [
    ...textLines(usageOf(action), width, 'title'),
    ...textLines(action.sentence, width),
    ...rows,
    ...remarks.flatMap(each => textLines(each, width)),
  ]
}

function listing(actions: readonly Action[], width: number): Line[] {
  const names = [...actions.map(({ name }) => name), ...Object.keys(ownCommands)]
  const label = Math.max(...names.map(name => name.length))
  const bySubject = subjects.flatMap(subject => {
    const own = actions.filter(each => each.subject === subject)
    if (own.length === 0) return []
    return [line(capital(subject), 'title'), ...own.flatMap(({ name, sentence }) => entry(name, sentence, label, width)), line('')]
  })
  const rest = Object.entries(ownCommands).flatMap(([name, sentence]) => entry(name, sentence, label, width))
  return [...bySubject, line('Console', 'title'), ...rest, line(''), line('"help COMMAND" shows what a command takes.', 'quiet')]
}

/** A name and what it means, the rest of it below itself. */
export function entry(name: string, words: string, label: number, width: number): Line[] {
  const room = Math.max(20, width - label - 4)
  return textLines(words, room).map((pieces, at) => [
    { text: `  ${(at === 0 ? name : '').padEnd(label)}  `, tone: 'plain' as const },
    ...pieces.map(({ text }) => ({ text, tone: 'quiet' as const })),
  ])
}

export const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1)
