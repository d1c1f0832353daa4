import { type Command, exitCodes } from './command.ts'

export const conversionStart: Command = {
  words: 'conversion start',
  usage: 'conversion start',
  summary: 'converts traditional licenses (comes with a later release)',
  async run() {
    const sentence = 'Device-led conversion comes with a later release; until then convert the licenses in Smart Software Manager.'
    return { exitCode: exitCodes.refused, lines: [], complaints: [sentence], data: { result: 'refused', code: 'NOT_SUPPORTED', sentence } }
  },
}
