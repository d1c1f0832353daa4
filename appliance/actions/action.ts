import type { z } from 'zod'
import type { Machine } from './machine.ts'

/** What the menu is ordered by, in this order: the table of the secure console. */
export const subjects = [
  'overview',
  'services',
  'backup',
  'files',
  'upgrade',
  'high availability',
  'network',
  'time',
  'certificates',
  'people',
  'trail',
  'power',
  'jobs',
] as const
export type Subject = (typeof subjects)[number]

export const profiles = ['standard', 'stig'] as const
export type Profile = (typeof profiles)[number]

/** Who may ask, told apart by the socket they come through: the operator's console, or the server, which has no privilege of its own. */
export type Caller = 'console' | 'server'

/** What an action answers: data. A screen draws it, `--json` prints it. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json | undefined }

/**
 * A privileged deed by name: "the root helper takes names from the ledger over a local socket …, arguments as an array, each validated; no shell
 * anywhere". The console's menu, its typed commands and `console <command>` are made from these same values.
 */
export type Action<Input extends z.ZodObject = z.ZodObject, Answer extends Json = Json> = {
  /** The typed command: one word, or two as in `backup list`. */
  name: string
  subject: Subject
  /** What it does, in the menu and in help. */
  sentence: string
  /** Named arguments, a strict object: it refuses everything else. The `describe` of each is its line in help and its label in the form. */
  input: Input
  /** The names of those arguments that may be typed without their name, in this order. */
  positionals?: (keyof z.infer<Input> & string)[]
  /** The names of those arguments that are asked for without echo, never typed in a command and never logged. */
  secrets?: (keyof z.infer<Input> & string)[]
  profiles: readonly Profile[]
  callers: readonly Caller[]
  /** For what destroys: the word that has to be typed. The helper does nothing without it. */
  confirm?(input: z.infer<Input>): string
  /** No command of a person: the console of the other machine of a pair asks for it by itself. */
  hidden?: true
  /** Goes on when whoever asked is gone, and can be attached to again. */
  job?: true
  /** Works on a laptop too, where there is no appliance beneath: it starts nothing that belongs to the host. */
  anywhere?: true
  /** Refuses with a `Refusal`; everything else that it throws is a fault. */
  run(input: z.infer<Input>, machine: Machine): Promise<Answer>
}

/** Keeps the types of the input together while an action is written; the ledger lists them without. */
export const action = <Input extends z.ZodObject, Answer extends Json>(values: Action<Input, Answer>): Action => values as unknown as Action
