import { randomUUID } from 'node:crypto'
import type { Config } from '../config.ts'
import type { Context } from '../context.ts'
import type { Person } from '../rules/roles.ts'
import { actAs } from '../storage/acting.ts'
import { openShelves } from './shelves.ts'

/** Whoever has a shell on the machine. */
export const operator: Person = { kind: 'user', name: 'the console', assignments: [{ role: 'system-administrator' }] }

/** Opens the shelves for one piece of work, with a log that says only what is wrong. */
export async function withContext<T>(config: Config, work: (context: Context) => Promise<T>): Promise<T> {
  const { context, close } = await openShelves({ ...config, logLevel: 'warn' })
  try {
    return await actAs({ kind: 'console', name: operator.name, correlationId: randomUUID() }, () => work(context))
  } finally {
    await close()
  }
}
