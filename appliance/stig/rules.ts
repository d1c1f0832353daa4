import type { Rule } from './rule.ts'
import { people } from './rules/people.ts'
import { server } from './rules/server.ts'
import { ssh } from './rules/ssh.ts'
import { system } from './rules/system.ts'

/** What the rules are grouped by, in the order of the report. */
export const groups: readonly { id: string; title: string; rules: readonly Rule[] }[] = [
  { id: 'people', title: 'Who may sign in', rules: people },
  { id: 'ssh', title: 'How somebody gets in from afar', rules: ssh },
  { id: 'system', title: 'The machine beneath', rules: system },
  { id: 'server', title: 'Quartermaster and its database', rules: server },
]

export const rules: readonly Rule[] = groups.flatMap(group => group.rules)
