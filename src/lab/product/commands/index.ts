import type { Command } from './command.ts'
import { conversionStart } from './conversion.ts'
import { deregister } from './deregister.ts'
import { fleet } from './fleet.ts'
import { hello } from './hello.ts'
import { poll } from './poll.ts'
import { register } from './register.ts'
import { release } from './release.ts'
import { renewAuth } from './renewAuth.ts'
import { renewId } from './renewId.ts'
import { run } from './run.ts'
import { views } from './show.ts'
import { use } from './use.ts'

/** Every command, in the order in which the help names them. */
export const commands: readonly Command[] = [
  register,
  use,
  release,
  renewAuth,
  renewId,
  deregister,
  ...views,
  run,
  poll,
  hello,
  conversionStart,
  fleet,
]
