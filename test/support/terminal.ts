import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { until } from './until.ts'

/** Whether this machine has a terminal to try things in. */
export const hasTerminal = existsSync('/usr/bin/tmux')

/** A terminal of so many columns and rows in which a program runs, read as a person reads it. */
export type Terminal = {
  /** Presses keys by tmux's names: `Down`, `Enter`, `C-c`. */
  press(...keys: string[]): void
  type(text: string): void
  paste(text: string): void
  screen(): string
  /** Waits until the screen shows this; so many milliseconds at most. */
  shows(what: RegExp | string, limit?: number): Promise<void>
  resize(columns: number, rows: number): void
  /** Whether the program has ended, and how. */
  ended(): boolean
  exitCode(): number | undefined
  close(): void
}

let number = 0

/** Opens one with a tmux server of its own, so that nobody's settings and nobody's sessions are in it. */
export function openTerminal(
  command: string[],
  {
    columns = 80,
    rows = 24,
    term = 'tmux-256color',
    environment = {},
  }: { columns?: number; rows?: number; term?: string; environment?: Record<string, string> } = {},
): Terminal {
  const server = `quartermaster-test-${process.pid}-${number++}`
  const tmux = (...args: string[]) =>
    execFileSync('/usr/bin/tmux', ['-L', server, '-f', '/dev/null', ...args], { encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] })
  const settings = Object.entries({ TERM: term, ...environment }).map(([name, value]) => `${name}=${value}`)
  const start = ['new-session', '-d', '-s', 'a', '-x', String(columns), '-y', String(rows), '--', '/usr/bin/env', ...settings, ...command]
  tmux('-u', 'set-option', '-g', 'remain-on-exit', 'on', ';', ...start)
  const screen = () => tmux('capture-pane', '-t', 'a', '-p')
  const ended = () => tmux('display-message', '-t', 'a', '-p', '#{pane_dead}').trim() === '1'
  return {
    press: (...keys) => void tmux('send-keys', '-t', 'a', ...keys),
    type: text => void tmux('send-keys', '-t', 'a', '-l', '--', text),
    paste(text) {
      execFileSync('/usr/bin/tmux', ['-L', server, 'load-buffer', '-'], { input: text })
      tmux('paste-buffer', '-p', '-t', 'a')
    },
    screen,
    async shows(what, limit) {
      const found = () => (typeof what === 'string' ? screen().includes(what) : what.test(screen()))
      await until(found, limit).catch(() => {
        throw new Error(`The screen does not show ${what}, but:\n${screen()}`)
      })
    },
    resize: (wide, high) => void tmux('resize-window', '-t', 'a', '-x', String(wide), '-y', String(high)),
    ended,
    exitCode: () => (ended() ? Number(tmux('display-message', '-t', 'a', '-p', '#{pane_dead_status}').trim() || 0) : undefined),
    close: () => void spawnSync('/usr/bin/tmux', ['-L', server, 'kill-server'], { stdio: 'ignore' }),
  }
}
