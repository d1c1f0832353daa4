import { moment } from '../show/text.ts'
import { disappointment, untilAnswered, waitHelp, waitOption } from './answers.ts'
import { type Command, exitCodes, textOf, UsageError } from './command.ts'
import { connect, openProduct } from './product.ts'
import { usageLines } from './words.ts'

export const register: Command = {
  words: 'register',
  usage: 'register --token T [--force]',
  summary: 'registers the product and acknowledges its ID certificate',
  details: `--token T       the registration token, as the server shows it\n--force         take the place of an earlier registration\n${waitHelp}`,
  options: { token: { type: 'string' }, force: { type: 'boolean' }, ...waitOption },
  async run(call) {
    const token = textOf(call.values, 'token')?.trim()
    if (!token) throw new UsageError('Give the registration token with --token; the server shows it to whoever may see it.')
    if (token.length > 255) throw new UsageError('A registration token has 255 characters at most: copy it anew.')
    const agent = connect(await openProduct(call.values))
    const outcome = await untilAnswered(call, agent, () => agent.register({ token, force: call.values.force === true }))
    if (outcome.result !== 'done') return disappointment(outcome)
    const lines = [`Registered with ${outcome.smartAccount}, ${outcome.virtualAccount}, as ${outcome.instanceId}.`]
    const acknowledged = await untilAnswered(call, agent, agent.acknowledge)
    if (acknowledged.result !== 'done') return { ...disappointment(acknowledged), lines }
    if ((await agent.status()).licenses.length > 0) {
      const reported = await untilAnswered(call, agent, agent.renewAuthorization)
      if (reported.result !== 'done') return { ...disappointment(reported), lines }
      lines.push(...usageLines(await agent.status()))
    }
    const { registration, authorization, licenses } = await agent.status()
    lines.push(`The ID certificate ends on ${moment(registration.expires!)} and is renewed from ${moment(registration.nextRenewal!)} on.`)
    return { exitCode: exitCodes.done, lines, data: { result: 'done', registration, authorization, licenses } }
  },
}
