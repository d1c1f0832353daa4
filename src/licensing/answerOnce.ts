import type { Context } from '../context.ts'
import { refuseUnless } from '../rules/refusal.ts'
import type { Db } from '../storage/db.ts'
import { type EarlierReply, findReplies, insertReplies } from '../storage/replies.ts'
import { AnsweredMeanwhile } from './usageReport.ts'

/** By what a message is known again: its sender (account 0 while that is only a CSR's key), its nonce, and the hash of its `request` string. */
export type Receipt = { localAccountId: number; sender: Buffer; nonce: string; requestHash: Buffer }

/**
 * What was answered under a message's nonce, if that was this very message. Refuses with REPLAY when it was another one (wire-device 5.4).
 */
export function sameAnswer(earlier: EarlierReply | undefined, receipt: Receipt): string | undefined {
  refuseUnless(!earlier || earlier.requestHash.equals(receipt.requestHash), 'REPLAY', 'The nonce has already been used.', 'nonce')
  return earlier?.text
}

/**
 * Does what a message asks for, once: `effect` gives the text of the reply, and the reply is remembered in the same transaction, "so two
 * parallel copies cannot both act". The copy that comes second undoes its effect and gives the reply of the first.
 */
export const answerOnce = (context: Context, receipt: Receipt, effect: (tx: Db) => Promise<string>): Promise<string> =>
  orMeanwhile(
    context,
    receipt,
    answerTogether(context, [receipt], async tx => [await effect(tx)]).then(([text]) => text!),
  )

/**
 * The same for a group of messages in one transaction; the texts stand in the order of the receipts. All of it or nothing: throws
 * `AnsweredMeanwhile` when a copy of one of them was first, and fewer must then be tried.
 */
export async function answerTogether(context: Context, receipts: Receipt[], effect: (tx: Db) => Promise<string[]>): Promise<string[]> {
  const answeredAt = context.clock.now()
  return context.storage.transaction(async tx => {
    const texts = await effect(tx)
    const remembered = await insertReplies(
      tx,
      receipts.map((receipt, index) => ({ ...receipt, text: texts[index]!, answeredAt })),
    )
    if (remembered < receipts.length) throw new AnsweredMeanwhile('A copy of a message was answered first.')
    return texts
  })
}

/** The answer of a message, or what its copy was answered that came first. */
export async function orMeanwhile(context: Context, receipt: Receipt, answer: Promise<string>): Promise<string> {
  try {
    return await answer
  } catch (error) {
    if (!(error instanceof AnsweredMeanwhile)) throw error
    const [earlier] = await findReplies(context.storage.db, [receipt])
    const text = sameAnswer(earlier, receipt)
    if (text === undefined)
      throw new Error('A copy of the message was answered first, and its reply is forgotten already.', { cause: error })
    return text
  }
}
