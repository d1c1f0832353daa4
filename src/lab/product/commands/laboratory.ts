import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { laboratoryClock, systemClock } from '../../../clock.ts'
import type { Clock } from '../agent/clock.ts'
import { UsageError } from './command.ts'

/** What a product reads of `lab.json` (lab.md). */
const schema = z.object({
  server: z.object({ deviceHttp: z.string(), deviceHttps: z.string() }),
  token: z.string().optional(),
  tags: z.record(z.string(), z.string()).default({}),
  trust: z.object({ licensingRoot: z.string(), deviceRoot: z.string() }),
  clock: z.string().optional(),
})
export type Laboratory = z.infer<typeof schema>

/** The laboratory's data folder: the option, `$QUARTERMASTER_DATA`, or `var` in the checkout. */
export const dataFolder = (option: string | undefined): string =>
  resolve(option ?? process.env.QUARTERMASTER_DATA ?? join(import.meta.dirname, '../../../../var'))

/** The laboratory that runs on `folder`; undefined where none does. Throws UsageError for a `lab.json` that cannot be read. */
export function readLaboratory(folder: string): Laboratory | undefined {
  const file = join(folder, 'lab.json')
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new UsageError(`${file} cannot be read: start the laboratory anew with npm start, or name the server with --url and --trust.`)
  }
}

/** The laboratory's clock while one runs, else the machine's. */
export const clockOf = (laboratory: Laboratory | undefined): Clock =>
  laboratory?.clock === undefined ? systemClock : laboratoryClock(laboratory.clock)
