import type { Person } from '../rules/roles.ts'

/** Who did it, where nobody did: what falls due by itself. */
export const theServer: Person = { kind: 'user', name: 'the server', assignments: [] }
