import { Box, Text, usePaste } from 'ink'
import { useState } from 'react'
import { type Editing, edit, editing, insert } from '../editing.ts'
import type { Field } from '../fields.ts'
import { type Line, textLines } from '../format.ts'
import { h } from '../h.ts'
import { useTheme } from '../theme.ts'
import { Input } from './Input.ts'
import { Lines } from './Lines.ts'
import { useKeys } from './useKeys.ts'

export type FormWish = {
  title: string
  sentence: string
  fields: Field[]
  given: Record<string, unknown>
  /** What was wrong with the last try. */
  why: string | undefined
  done(values: Record<string, unknown> | undefined): void
}

type Entry = { field: Field; name: string; words: string }

/** Arguments as a form: text, choices, yes or no; secrets as dots, twice where they lock something. Enter on the last line is done, Escape gives up. */
export function Form({ wish, width, rows }: { wish: FormWish; width: number; rows: number }) {
  const { tone, signs, selected } = useTheme()
  const entries: Entry[] = wish.fields.flatMap(field => [
    { field, name: field.name, words: field.words },
    ...(field.twice ? [{ field, name: `${field.name}, again`, words: 'the same again' }] : []),
  ])
  const [values, setValues] = useState<Editing[]>(() => entries.map(({ field }) => editing(startOf(field, wish.given))))
  const [at, setAt] = useState(0)
  const [complaint, setComplaint] = useState<string | undefined>(undefined)
  const current = entries[at]!
  const change = (value: Editing) => setValues(all => all.map((each, index) => (index === at ? value : each)))
  const turn = (by: number) => {
    const { choices, kind, required } = current.field
    const all = kind === 'flag' ? ['', 'yes'] : [...(required ? [] : ['']), ...choices]
    const next = (all.indexOf(values[at]!.text) + by + all.length) % all.length
    change(editing(all[next]!))
  }
  const submit = () => {
    const read = readForm(entries, values)
    if (typeof read === 'object') return wish.done(read)
    setComplaint(read)
  }

  useKeys((input, key) => {
    if (key.escape || (key.ctrl && input === 'c')) return wish.done(undefined)
    if (key.upArrow || (key.tab && key.shift)) return setAt(Math.max(0, at - 1))
    if (key.downArrow || key.tab) return setAt(Math.min(entries.length - 1, at + 1))
    if (key.return) return at === entries.length - 1 ? submit() : setAt(at + 1)
    if (current.field.kind !== 'text') {
      if (key.leftArrow) return turn(-1)
      if (key.rightArrow || input === ' ') return turn(1)
      return
    }
    const edited = edit(values[at]!, input, key)
    if (edited) change(edited)
  })
  usePaste(text => {
    if (current.field.kind === 'text') change(insert(values[at]!, text))
  })

  const label = Math.min(20, Math.max(...entries.map(({ name }) => name.length)))
  const room = width - label - 6
  const problem = complaint ?? wish.why
  const head: Line[] = [
    [{ text: wish.title, tone: 'title' }],
    ...textLines(wish.sentence, width),
    ...(problem ? textLines(problem, width, 'warning') : []),
    [],
  ]
  const isFree = !current.field.required && !current.words.includes('left out')
  const hint = textLines(`${current.words}${isFree ? ' (may be left out)' : ''}`, width - 3, 'quiet').slice(0, 2)
  const forEntries = Math.max(1, rows - head.length - hint.length - 1)
  const from = Math.max(0, Math.min(at - Math.floor(forEntries / 2), entries.length - forEntries))
  return h(
    Box,
    { flexDirection: 'column', height: rows },
    h(Lines, { lines: head, from: 0, rows: Math.min(head.length, rows - hint.length - 1) }),
    ...entries.slice(from, from + forEntries).map(({ field, name }, index) => {
      const isCurrent = from + index === at
      const value = values[from + index]!
      return h(
        Box,
        { key: name, height: 1 },
        h(Text, isCurrent ? tone('title') : tone('quiet'), ` ${isCurrent ? signs.pointer : ' '} ${name.slice(0, label).padEnd(label)}  `),
        field.kind === 'text'
          ? h(Input, { line: value, width: room, focused: isCurrent, hidden: field.secret })
          : h(Text, isCurrent ? selected : {}, `< ${value.text || (field.kind === 'flag' ? 'no' : 'not set')} >`),
      )
    }),
    h(Box, { height: 1 }),
    h(Box, { paddingLeft: 3 }, h(Lines, { lines: hint, from: 0, rows: hint.length })),
  )
}

function startOf({ name, kind, preset, choices, required, secret }: Field, given: Record<string, unknown>): string {
  if (name in given && !secret) return kind === 'flag' ? (given[name] ? 'yes' : '') : String(given[name])
  if (preset) return preset
  return kind === 'choice' && required ? choices[0]! : ''
}

/** The values by name, or what is wrong with them as far as the form itself can tell. */
function readForm(entries: Entry[], values: Editing[]): Record<string, unknown> | string {
  const read: Record<string, unknown> = {}
  for (const [index, { field }] of entries.entries()) {
    const { text } = values[index]!
    if (field.required && text === '') return `Say ${field.name}: ${field.words}.`
    if (field.twice && field.name in read && read[field.name] !== text) return `The two are not the same.`
    read[field.name] = field.kind === 'flag' ? text === 'yes' : text
  }
  return read
}
