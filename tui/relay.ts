import { createInterface } from 'node:readline'
import { z } from 'zod'
import { piecesOf } from '../appliance/ha/setup/carriedRelease.ts'
import { handOutQuestion } from '../appliance/ha/setup/handedOut.ts'
import type { Helper } from '../appliance/helper/ask.ts'
import { exitCodes } from './outcome.ts'

/** Waits until it is gone: what goes over is larger than what a pipe holds. */
const say = (line: object) => new Promise<void>(done => void process.stdout.write(`${JSON.stringify(line)}\n`, () => done()))

const released = z.object({ folder: z.string() })

/**
 * What sshd starts for the key of the machine that is to be the standby, and for nothing else of it: one line with a question, which may only be for that
 * machine's part of the pair, is passed on to the helper; lines with what comes of it go back. A release goes before its answer, piece by piece.
 */
export async function relay(helper: Helper): Promise<number> {
  const question = handOutQuestion.safeParse(parsed(await firstLine()))
  if (!question.success) {
    await say({ fault: 'This is no question of a standby.' })
    return exitCodes.usage
  }
  const outcome = await helper.ask(question.data)
  const wanted = question.data.action === 'ha_hand_release' && 'answer' in outcome ? released.parse(outcome.answer) : undefined
  if (wanted) for (const piece of piecesOf(wanted.folder)) await say({ piece })
  await say(outcome)
  return exitCodes.done
}

async function firstLine(): Promise<string> {
  for await (const line of createInterface({ input: process.stdin })) return line
  return ''
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
