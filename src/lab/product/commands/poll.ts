import { conversionLine } from '../show/conversion.ts'
import { disappointment } from './answers.ts'
import { type Command, exitCodes } from './command.ts'
import { connect, openProduct } from './product.ts'

export const poll: Command = {
  words: 'poll',
  usage: 'poll',
  summary: 'asks for an answer that the server put off',
  async run({ values }) {
    const agent = connect(await openProduct(values))
    const outcome = await agent.poll()
    if (outcome.result !== 'done') return disappointment(outcome)
    if (outcome.conversionId) {
      const { conversion } = await agent.status()
      return { exitCode: exitCodes.done, lines: conversion.lines.map(conversionLine), data: { ...outcome, conversion } }
    }
    const line = outcome.instanceId
      ? `Registered with ${outcome.smartAccount}, ${outcome.virtualAccount}, as ${outcome.instanceId}.`
      : 'Done.'
    return { exitCode: exitCodes.done, lines: [line], data: outcome }
  },
}
