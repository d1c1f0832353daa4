import { Box, Text, useApp, usePaste, useWindowSize } from 'ink'
import { useEffect, useMemo, useState } from 'react'
import { subjects } from '../../appliance/actions/action.ts'
import { completed, completionsOf, parseLine } from '../commandLine.ts'
import { edit, editing, insert } from '../editing.ts'
import { fieldsOf } from '../fields.ts'
import { type Line, line, textLines } from '../format.ts'
import { h } from '../h.ts'
import { capital, entry, helpLines } from '../help.ts'
import type { History } from '../history.ts'
import { Bar } from '../parts/Bar.ts'
import { Choices } from '../parts/Choices.ts'
import { Footer, keysFor } from '../parts/Footer.ts'
import { Form } from '../parts/Form.ts'
import { Input } from '../parts/Input.ts'
import { Lines } from '../parts/Lines.ts'
import { Menu } from '../parts/Menu.ts'
import { Progress } from '../parts/Progress.ts'
import { useKeys } from '../parts/useKeys.ts'
import type { Session } from '../session.ts'
import { useTheme } from '../theme.ts'
import { useAbout } from './useAbout.ts'
import { useAlerts } from './useAlerts.ts'
import { useWork } from './useWork.ts'

const menuWidth = 21
/** Below this there is no room for a menu beside an answer. */
const narrow = 60

/** The one screen: the top line, a menu by subject at the left, the answer at the right, the command line below, and the keys. */
export function Screen({ session, history, touched }: { session: Session; history: History; touched(): void }) {
  const { exit } = useApp()
  const { columns, rows } = useWindowSize()
  const { signs, tone } = useTheme()
  const isNarrow = columns < narrow
  const width = Math.max(20, (isNarrow ? columns : columns - menuWidth - 2) - 2)
  const body = Math.max(3, rows - 5)
  const paneRows = body - 2

  const work = useWork(session, width)
  const alerts = useAlerts(session)
  const about = useAbout(session)
  const bySubject = useMemo(
    () =>
      subjects
        .map(name => ({ name, actions: session.actions.filter(each => each.subject === name) }))
        .filter(each => each.actions.length > 0),
    [session],
  )
  const [subject, setSubject] = useState(0)
  /** The chosen command of the subject, once somebody has gone into it. */
  const [command, setCommand] = useState<number | undefined>(undefined)
  const [typing, setTyping] = useState(editing(''))
  const [back, setBack] = useState(0)
  const [scroll, setScroll] = useState(0)

  const { actions } = bySubject[subject]!
  const { shown, wish, running } = work
  const lines: Line[] = shown ? shown.lines : []
  const lastScroll = Math.max(0, lines.length - paneRows)
  const from = shown?.follow && running ? lastScroll : Math.min(scroll, lastScroll)

  // What was cut for another width is cut anew.
  useEffect(() => work.redraw(), [width])
  useEffect(() => {
    if (session.trouble) work.show('The helper', [line(session.trouble, 'bad')])
  }, [session])

  const run = (text: string) => {
    const parsed = parseLine(text, session.actions)
    if (parsed.kind === 'nothing') return
    history.add(text)
    setBack(0)
    setScroll(0)
    setTyping(editing(''))
    if (parsed.kind === 'wrong') return work.show(text.slice(0, width), textLines(parsed.sentence, width, 'warning'))
    if (parsed.kind === 'deed') return void work.start(parsed)
    if (parsed.name === 'exit') return exit()
    if (parsed.name === 'clear') return work.hide()
    if (parsed.name === 'help') return work.show('help', helpLines(session.actions, parsed.words, width))
    work.show(
      'history',
      history.lines.toReversed().map(each => line(each)),
    )
  }

  const complete = async (showAll: boolean) => {
    const before = typing.text.slice(0, typing.at)
    const { typed, ways } = await completionsOf(before, session.actions, session.namesOf)
    if (!showAll) {
      const text = completed(before, typed, ways)
      setTyping({ text: text + typing.text.slice(typing.at), at: text.length })
      if (ways.length === 1 || text.length > typing.at) return
    }
    const label = Math.min(26, Math.max(0, ...ways.map(({ word }) => word.length)))
    const found = ways.flatMap(({ word, words }) => entry(word, words, label, width))
    setScroll(0)
    work.show(typing.text.trim() || 'Commands', found.length > 0 ? found : [line('Nothing more is known to go on with.', 'quiet')])
  }

  /** Up and down: through what was typed before once something is typed, else through the menu. */
  const move = (by: number, inHistory: boolean) => {
    if (inHistory) {
      const next = Math.max(0, Math.min(history.lines.length, back - by))
      setBack(next)
      return setTyping(editing(next === 0 ? '' : history.lines[history.lines.length - next]!))
    }
    work.hide()
    if (command === undefined) return setSubject((subject + by + bySubject.length) % bySubject.length)
    setCommand((command + by + actions.length) % actions.length)
  }

  const open = () => {
    if (command === undefined) {
      work.hide()
      return setCommand(0)
    }
    const action = actions[command]!
    history.add(action.name)
    setScroll(0)
    void work.start(
      { action, given: {} },
      fieldsOf(action).some(({ required }) => required),
    )
  }

  const leave = () => {
    if (shown) return work.hide()
    setCommand(undefined)
  }

  useKeys(
    (input, key) => {
      touched()
      const page = Math.max(1, paneRows - 1)
      if (key.pageUp) return setScroll(Math.max(0, from - page))
      if (key.pageDown) return setScroll(Math.min(lastScroll, from + page))
      if (running) {
        if ((key.ctrl && input === 'c') || key.escape) running.stop()
        return
      }
      if (key.ctrl && input === 'd' && typing.text === '') return exit()
      if (key.ctrl && input === 'c') return setTyping(editing(''))
      if (key.ctrl && input === 'l') return work.hide()
      if (key.ctrl && input === 'p') return move(-1, true)
      if (key.ctrl && input === 'n') return move(1, true)
      if (key.upArrow) return move(-1, typing.text !== '')
      if (key.downArrow) return move(1, typing.text !== '')
      if (key.tab) return void complete(false)
      if (input === '?' && !/["'][^"']*$/.test(typing.text)) return void complete(true)
      if (key.return) return typing.text.trim() === '' ? open() : run(typing.text)
      if (key.escape) return typing.text === '' ? leave() : setTyping(editing(''))
      if (typing.text === '' && key.rightArrow) return command === undefined ? open() : undefined
      if (typing.text === '' && key.leftArrow) return leave()
      const edited = edit(typing, input, key)
      if (edited) setTyping(edited)
    },
    { isActive: !wish },
  )
  usePaste(
    text => {
      touched()
      if (!running) setTyping(insert(typing, text))
    },
    { isActive: !wish },
  )
  // A form has keys of its own; somebody who uses them is there all the same.
  useKeys(() => touched(), { isActive: Boolean(wish) })

  const title = wish ? '' : running ? running.name : (shown?.title ?? capital(bySubject[subject]!.name))
  const menu = h(Menu, {
    names: bySubject.map(({ name }) => capital(name)),
    chosen: subject,
    focused: command === undefined && !shown && !wish,
    rows: body,
    width: menuWidth,
  })
  const more = lines.length > paneRows ? `${from + 1}-${Math.min(lines.length, from + paneRows)} of ${lines.length}` : ''
  const heading = h(
    Box,
    { height: 1, width, justifyContent: 'space-between' },
    h(Text, { ...tone('title'), wrap: 'truncate' }, title),
    h(Text, tone('quiet'), more),
  )
  const pane = wish
    ? h(Form, { key: wish.title + wish.fields.map(({ name }) => name).join() + (wish.why ?? ''), wish, width, rows: body })
    : h(
        Box,
        { flexDirection: 'column', height: body },
        heading,
        running && !shown?.follow
          ? h(Progress, { running, width, rows: body - 1 })
          : shown
            ? h(Lines, { lines, from, rows: body - 1 })
            : h(Choices, { actions, chosen: command, rows: body - 1, width }),
      )

  return h(
    Box,
    { flexDirection: 'column', width: columns, height: rows },
    h(Bar, { about, alerts, columns }),
    h(
      Box,
      { height: body + 1, paddingTop: 1 },
      isNarrow ? null : menu,
      isNarrow
        ? null
        : h(
            Box,
            { flexDirection: 'column', width: 2 },
            ...Array.from({ length: body }, (_, at) => h(Text, { key: at, ...tone('quiet') }, signs.side)),
          ),
      h(Box, { width: width + 1, paddingLeft: isNarrow ? 1 : 0 }, pane),
    ),
    h(Text, { ...tone('quiet'), wrap: 'truncate' }, signs.rule.repeat(columns)),
    h(
      Box,
      { height: 1 },
      h(Text, tone('title'), ` ${signs.pointer} `),
      wish || running
        ? h(Text, tone('quiet'), running && !wish ? running.name : '')
        : h(Input, { line: typing, width: columns - 5, focused: true }),
    ),
    h(Footer, {
      keys: keysFor({
        wish: Boolean(wish),
        running: Boolean(running),
        job: running?.job !== undefined,
        scrolls: lines.length > paneRows,
        typed: typing.text !== '',
      }),
      columns,
    }),
  )
}
