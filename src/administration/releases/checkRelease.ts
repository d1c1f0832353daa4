import { z } from 'zod'
import type { Config } from '../../config.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import { askHelper } from './askHelper.ts'
import { releaseName } from './patchesFolder.ts'
import { listWaiting } from './readReleases.ts'

const checked = z.object({
  version: z.string().regex(/^[\d.]+[A-Za-z\d.-]*$/),
  createdAt: z.coerce.date(),
  notes: z.string(),
  installed: z.string(),
  signedBy: z.string(),
  bytes: z.number(),
})
export type CheckedRelease = z.output<typeof checked>

/**
 * Has a release that waits read through, its signature and every byte: "verified before anything is unpacked". Gives what it is; refuses what is no
 * release, what a stranger signed, what was altered, and what may not follow the one that runs.
 */
export async function checkRelease(config: Pick<Config, 'helperSocket' | 'dataFolder'>, name: string): Promise<CheckedRelease> {
  const waits = releaseName.test(name) && listWaiting(config).some(each => each.name === name)
  refuseUnless(waits, 'NOT_FOUND', 'This release does not wait here any more.')
  return checked.parse(await askHelper(config, { action: 'upgrade check', input: { file: `patches:${name}` } }))
}
