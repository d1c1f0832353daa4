import type { Context } from '../context.ts'
import { refuseUnless } from '../rules/refusal.ts'
import type { Db } from '../storage/db.ts'
import { findReply, insertReply } from '../storage/replies.ts'
import { AnsweredMeanwhile } from './usageReport.ts'

/** By what a message is known again: its sender (account 0 while that is only a CSR's key), its nonce, and the hash of its `request` string. */
export type Receipt = { localAccountId: number; sender: Buffer; nonce: string; requestHash: Buffer }

/**
 * What was answered under a message's nonce, if that was this very message. Refuses with REPLAY when it was another one (wire-device 5.4).
 */
export function sameAnswer(earlier: { requestHash: Buffer; text: string } | undefined, receipt: Receipt): string | undefined {
  refuseUnless(!earlier || earlier.requestHash.equals(receipt.requestHash), 'REPLAY', 'The nonce has already been used.', 'nonce')
  return earlier?.text
}

/**
 * Does what a message asks for, once: `effect` gives the text of the reply, and the reply is remembered in the same transaction, "so two
 * parallel copies cannot both act". The copy that comes second undoes its effect and gives the reply of the first.
 */
export async function answerOnce(context: Context, receipt: Receipt, effect: (tx: Db) => Promise<string>): Promise<string> {
  try {
    return await context.storage.transaction(async tx => {
      const text = await effect(tx)
      if (await insertReply(tx, { ...receipt, text, answeredAt: context.clock.now() })) return text
      throw new AnsweredMeanwhile('A copy of the message was answered first.')
    })
  } catch (error) {
    if (!(error instanceof AnsweredMeanwhile)) throw error
    return answeredMeanwhile(context, receipt)
  }
}

/** What the copy that came first was answered. */
export async function answeredMeanwhile(context: Context, receipt: Receipt): Promise<string> {
  const { localAccountId, sender, nonce } = receipt
  const text = sameAnswer(await findReply(context.storage.db, localAccountId, sender, nonce), receipt)
  if (text === undefined) throw new Error('A copy of the message was answered first, and its reply is forgotten already.')
  return text
}
