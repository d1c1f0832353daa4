import { disappointment, untilAnswered, waitHelp, waitOption } from './answers.ts'
import { type Call, type Command, exitCodes, type Report, UsageError } from './command.ts'
import { connect, openProduct } from './product.ts'
import { tagFrom } from './tags.ts'
import { usageLines } from './words.ts'

export const use: Command = {
  words: 'use',
  usage: 'use TAG COUNT [TAG COUNT …]',
  summary: 'sets how many of a license the product uses, and reports it',
  details: `TAG is a full tag, or a short name of the laboratory's\n${waitHelp}`,
  options: waitOption,
  run: call => changeUsage(call, pairs(call.operands)),
}

function pairs(operands: string[]): { name: string; count: number }[] {
  if (operands.length === 0 || operands.length % 2 === 1) throw new UsageError('Give a TAG and a COUNT, or several pairs: use TAG COUNT.')
  return operands.flatMap((name, index) => (index % 2 === 0 ? [{ name, count: countFrom(operands[index + 1]!) }] : []))
}

function countFrom(text: string): number {
  const count = Number(text)
  if (!/^\d{1,10}$/.test(text) || count >= 2 ** 31) throw new UsageError(`'${text}' is no count: give a whole number from 0 to 2147483647.`)
  return count
}

/** Changes what the product uses and reports it. Names are tags or short names. */
export async function changeUsage(call: Call, changes: { name: string; count: number }[]): Promise<Report> {
  const product = await openProduct(call.values)
  const agent = connect(product)
  const uses = changes.map(({ name, count }) => ({ tag: tagFrom(name, product.laboratory), count }))
  const first = await agent.report(uses)
  const outcome = first.result === 'busy' ? await untilAnswered(call, agent, agent.renewAuthorization) : first
  if (outcome.result !== 'done') return disappointment(outcome)
  const status = await agent.status()
  return { exitCode: exitCodes.done, lines: usageLines(status), data: { ...outcome, licenses: status.licenses } }
}
