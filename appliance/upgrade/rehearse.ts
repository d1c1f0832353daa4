import { join } from 'node:path'
import { refuseUnless } from '../../src/rules/refusal.ts'
import type { Ground } from './ground.ts'
import { folderOf } from './installed.ts'
import { reasonOf } from './programs.ts'

/**
 * Lets the new release prove itself on this machine before anything of the old one is touched: "a laboratory product registers and reports on a
 * throw-away account". It gets none of the server's settings, so that it cannot find the server's database.
 */
export async function rehearse(ground: Ground, version: string): Promise<void> {
  const folder = folderOf(ground.releases, version)
  const ran = await ground.run(join(folder, 'bin/node'), [join(folder, 'src/lab/rehearse.ts')], {
    as: 'service',
    folder: ground.data,
    timeout: 600_000,
  })
  refuseUnless(ran.code === 0, 'CONFLICT', `Release ${version} did not prove itself in its laboratory: ${reasonOf(ran)}`)
}
