import type { Context } from '../../context.ts'
import { isOut } from '../../directory/failover.ts'
import { DirectoryFault } from '../../directory/fault.ts'
import { recognise } from '../../directory/people.ts'
import type { Vouched } from './admitPerson.ts'
import { readDirectory } from './readDirectory.ts'

/** What the directory says of somebody who signs in; `reason` is for administrators. */
export type Answer = { vouched: Vouched } | { reason: string; username?: string; isOut?: boolean }

/** Longer names are not asked about: nobody is called that. */
const longestName = 256

/** Asks the directory, where there is one, for somebody with a password. It never hangs: each server has its bounds. */
export async function askDirectory(context: Context, username: string, password: string): Promise<Answer> {
  const directory = await readDirectory(context)
  if (!directory || username.trim() === '' || username.length > longestName || password === '')
    return { reason: 'there is no such local user' }
  try {
    const found = await recognise(directory, username.trim(), password, context.clock.now())
    return 'reason' in found ? found : { vouched: { origin: 'directory', ...found.person, groups: found.groups } }
  } catch (error) {
    if (!(error instanceof DirectoryFault)) throw error
    context.log.warn({ step: error.step }, error.message)
    return { reason: `the directory could not be asked: ${error.message}`, isOut: isOut(directory.settings) }
  }
}
