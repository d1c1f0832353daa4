import type { Context } from '../../context.ts'
import type { Person } from '../../rules/roles.ts'
import { begin } from './begin.ts'
import { checkRelease } from './checkRelease.ts'

/** Begins to put a release that waits in the place of the one that runs, and gives its version. It goes on while this server is started again. */
export async function beginUpgrade(context: Context, who: Person, name: string): Promise<string> {
  const { version } = await checkRelease(context.config, name)
  const question = { action: 'upgrade', input: { file: `patches:${name}` }, confirmation: 'upgrade' }
  await begin(context, who, `An upgrade to release ${version} was begun.`, question)
  return version
}
