import { waitHelp, waitOption } from './answers.ts'
import { type Command, UsageError } from './command.ts'
import { changeUsage } from './use.ts'

export const release: Command = {
  words: 'release',
  usage: 'release TAG [TAG …]',
  summary: 'stops using a license, and reports it',
  details: waitHelp,
  options: waitOption,
  run(call) {
    if (call.operands.length === 0) throw new UsageError('Name the license to release: release TAG.')
    return changeUsage(
      call,
      call.operands.map(name => ({ name, count: 0 })),
    )
  },
}
