import { setTimeout as pause } from 'node:timers/promises'
import { Refusal, refuseUnless } from '../../src/rules/refusal.ts'
import type { Ground } from './ground.ts'
import { programOf, reasonOf, schemaBy } from './programs.ts'

/**
 * Waits until a server says several times in a row that it may take traffic and that its door to products is open; then that its database has the
 * schema that the release wants. Refuses with its last words when that does not come about.
 */
export async function checkHealth(ground: Ground, version: string): Promise<void> {
  const { every, times, within } = ground.patience
  let [well, said] = [0, 'it said nothing']
  for (const end = performance.now() + within; well < times; await pause(every)) {
    // The time is for becoming well. Where each answer takes long, those that follow the first good one are waited for.
    if (well === 0 && performance.now() > end)
      throw new Refusal('CONFLICT', `The server of release ${version} is not well after ${Math.round(within / 1000)} s: ${said}`)
    // A question that gets no answer in that time is one more that was not answered well.
    const asked = programOf(ground, version, ['src/server.ts', 'health'], { timeout: within })
    const ran = await asked.catch(() => ({ code: 1, out: '', err: 'It does not answer in that time.' }))
    well = ran.code === 0 ? well + 1 : 0
    said = reasonOf(ran)
  }
  const { fits, schema, known } = await schemaBy(ground, version)
  refuseUnless(fits, 'CONFLICT', `The database has schema ${schema}, and release ${version}, which knows ${known}, cannot work on it.`)
}
