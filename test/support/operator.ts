import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DebianMachine } from './debianMachine.ts'
import { openTerminal, type Terminal } from './terminal.ts'
import { until } from './until.ts'

/** How an operator comes to a machine: with a key of a file, or with a password that is typed. */
export type SignIn = { key: string } | { password: string }

/** What keeps this machine's own settings and agents out of it, and asks nobody about a host key that is new each time. */
export const sshOptions = [
  '-F',
  '/dev/null',
  '-o',
  'StrictHostKeyChecking=no',
  '-o',
  'UserKnownHostsFile=/dev/null',
  '-o',
  'LogLevel=ERROR',
]

/** The words of ssh for a way to sign in. */
export const sshWords = (how: SignIn): string[] => [
  ...sshOptions,
  ...('key' in how ? ['-i', how.key, '-o', 'IdentitiesOnly=yes', '-o', 'BatchMode=yes'] : ['-o', 'PubkeyAuthentication=no']),
]

/** What is typed into a form; `to`: what that form shows, where another one stood there before. */
export type Answer = string | { to: RegExp; say: string }

/** Somebody at the console of a machine, over SSH from another host, at a terminal of 80 columns and 24 rows. */
export type Operator = Terminal & {
  /** Types a command, answers what it asks, and waits for what it comes to; the screen is kept as text under a name. */
  does(command: string, shows: RegExp | string, options?: { answers?: Answer[]; limit?: number; name?: string }): Promise<string>
  /** Keeps the screen as it is. */
  keep(name: string): string
}

/** How long a machine may take that shares its processors with whatever else runs. */
export const patience = 180_000

/** Nothing is under way, and nothing is typed; or something is asked for, as after a refused answer. */
const isSettled = (screen: string) => /Up\/Down menu|Esc give up/.test(screen)

/** A command is typed, and not begun. */
const isTyped = /Enter do it/

/** Signs in, and is then at whatever comes first. `screens`: the folder for what was seen; `options`: further ones of ssh; `term`: the terminal's name. */
export async function openOperator(
  machine: DebianMachine,
  how: SignIn,
  screens: string,
  options: string[] = [],
  term?: string,
): Promise<Operator> {
  mkdirSync(screens, { recursive: true })
  const terminal = openTerminal(machine.wordsBeside('ssh', ...sshWords(how), ...options, `admin@${machine.address}`), term ? { term } : {})
  let number = 0
  const keep = (name: string) => {
    const seen = terminal.screen()
    writeFileSync(join(screens, `${String(++number).padStart(2, '0')} ${name.replace(/[^\w. -]/g, '').slice(0, 60)}.txt`), seen)
    return seen
  }
  if ('password' in how) {
    await terminal.shows(/password: *$/im, patience)
    terminal.type(how.password)
    terminal.press('Enter')
  }
  return {
    ...terminal,
    keep,
    async does(command, shows, { answers = [], limit = patience, name = command } = {}) {
      terminal.press('Escape')
      // What comes in one piece with Escape is another key to a terminal, so a form is seen to be gone before the next.
      await until(() => !/Esc give up/.test(terminal.screen()), limit)
      terminal.press('C-u')
      terminal.type(command)
      // By now what stood there before is gone, and is not taken for the answer.
      await terminal.shows(isTyped, limit)
      terminal.press('Enter')
      await until(() => !isTyped.test(terminal.screen()), limit)
      for (const answer of answers) {
        const { to, say } = typeof answer === 'string' ? { to: /Esc give up/, say: answer } : answer
        await terminal.shows(to, limit)
        if (typeof answer !== 'string') keep(`${name} asks`)
        terminal.type(say)
        terminal.press('Enter')
      }
      await until(() => isSettled(terminal.screen()), limit).catch(() => {})
      await terminal.shows(shows, limit).catch(error => {
        keep(`${name} went wrong`)
        throw error
      })
      return keep(name)
    },
  }
}
