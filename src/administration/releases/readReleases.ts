import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Config } from '../../config.ts'
import { askHelper } from './askHelper.ts'
import { patchesFolder, releaseName } from './patchesFolder.ts'

const history = z.object({
  current: z.string(),
  former: z.string().nullable(),
  installed: z.array(z.string()),
  entries: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(['upgrade', 'rollback']),
      from: z.string(),
      to: z.string(),
      endedAt: z.coerce.date(),
      outcome: z.string(),
      reason: z.string().nullable(),
      backup: z.string().nullable(),
    }),
  ),
})

const jobs = z.object({
  jobs: z.array(z.object({ id: z.string(), command: z.string(), state: z.string(), step: z.string(), startedAt: z.coerce.date() })),
})

/** The deeds that change the release. */
const changing = ['upgrade', 'rollback']

/** A release that was uploaded, or fetched at the console, and waits. */
export type WaitingRelease = { name: string; bytes: number; at: Date }

/** What is installed, what was done, what goes on now, and what was uploaded. Throws `NoAppliance` on a machine that has none. */
export async function readReleases(config: Pick<Config, 'helperSocket' | 'dataFolder'>) {
  const [told, { jobs: all }] = await Promise.all([
    askHelper(config, { action: 'upgrade history' }).then(answer => history.parse(answer)),
    askHelper(config, { action: 'job list' }).then(answer => jobs.parse(answer)),
  ])
  const running = all.find(({ command, state }) => state === 'running' && changing.includes(command))
  return { ...told, entries: told.entries.toReversed(), running, waiting: listWaiting(config) }
}

/** The uploaded releases, the newest first. */
export function listWaiting(config: Pick<Config, 'dataFolder'>): WaitingRelease[] {
  const folder = patchesFolder(config)
  const found = readdirSync(folder).flatMap(name => {
    const file = releaseName.test(name) ? lstatSync(join(folder, name), { throwIfNoEntry: false }) : undefined
    return file?.isFile() ? [{ name, bytes: file.size, at: file.mtime }] : []
  })
  return found.sort((a, b) => b.at.getTime() - a.at.getTime())
}
