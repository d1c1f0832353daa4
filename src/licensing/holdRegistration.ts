import type { Context } from '../context.ts'
import { Refusal } from '../rules/refusal.ts'
import type { Db } from '../storage/db.ts'
import { findPoll, finishPoll, keepPoll, type Poll } from '../storage/polls.ts'
import { findProductInstancesByUdi } from '../storage/productInstances.ts'
import { findRegistrationToken } from '../storage/registrationTokens.ts'
import type { RegistrationReply } from '../wire/messages/registration.ts'
import { admitProduct } from './admitProduct.ts'
import { answerOnce, type Receipt } from './answerOnce.ts'
import { type Admission, type Application, productKey } from './application.ts'
import { awaitThreeTier } from './awaitThreeTier.ts'
import { type Identity, prepareRegistration } from './prepareRegistration.ts'
import { enterRegistrations } from './registerProductInstances.ts'

/**
 * A registration that waits: the application, its certificate request, and which token it presented. Of the token's text only what replies
 * show is kept, which ends long before its secret begins.
 */
export type HeldRequest = { application: Application; csr: string; tokenId: string; shownToken: string }

/** A registration that waits, or waited. */
export type HeldRegistration = Poll<HeldRequest, RegistrationReply>

/** The registration that waits, or waited, under a number. */
export async function findHeldRegistration(db: Db, pollId: number): Promise<HeldRegistration | undefined> {
  const poll = await findPoll(db, pollId)
  return poll?.action === 'registration' ? (poll as HeldRegistration) : undefined
}

/**
 * Keeps a registration until the cloud has signed the account's three-tier certificate (product.md, A Local Account's life). The token is
 * checked now and its use counted when the product is registered. Refuses what `admitProduct` refuses.
 */
export async function holdRegistration(
  context: Context,
  receipt: Receipt,
  admission: Admission & { csr: string; idToken: string },
  write: (poll: Poll) => string,
): Promise<string> {
  const { token } = await admitProduct(context, admission)
  const request: HeldRequest = {
    application: admission.application,
    csr: admission.csr,
    tokenId: token.id,
    shownToken: admission.idToken.slice(0, 64),
  }
  return answerOnce(context, receipt, async tx => {
    const { localAccountId } = token
    await awaitThreeTier(tx, localAccountId, admission.presentedAt)
    const { sender } = receipt
    return write(await keepPoll(tx, { localAccountId, sender, action: 'registration', request, createdAt: admission.presentedAt }))
  })
}

/**
 * Registers a product that waited, "exactly as the original request would have got it", and keeps the answer for when the reply is lost.
 * Refuses what `registerProductInstance` refuses.
 */
export async function finishHeldRegistration(
  context: Context,
  receipt: Receipt,
  held: { poll: HeldRegistration; publicKey: Admission['publicKey'] },
  replyTo: (identity: Identity) => RegistrationReply,
  write: (reply: RegistrationReply) => string,
): Promise<string> {
  const { poll, publicKey } = held
  const answered = (reply: RegistrationReply) => answerOnce(context, receipt, async () => write(reply))
  if (poll.answer) return answered(poll.answer)
  try {
    const { application, tokenId } = poll.request
    const found = await findRegistrationToken(context.storage.db, poll.localAccountId, tokenId)
    const [former] = await findProductInstancesByUdi(context.storage.db, [productKey(poll.localAccountId, application)])
    const admission = { application, token: found?.token, former, presentedAt: poll.createdAt, publicKey }
    const prepared = await prepareRegistration(context, admission)
    const reply = replyTo(prepared.identity)
    return await answerOnce(context, receipt, async tx => {
      await enterRegistrations(tx, [prepared])
      await finishPoll(tx, poll, reply, prepared.identity.issuedAt)
      return write(reply)
    })
  } catch (error) {
    // Asked twice at the same moment, the product may have been registered by its other question: then that answer is this one's, too.
    const meanwhile = error instanceof Refusal ? await findHeldRegistration(context.storage.db, poll.id) : undefined
    if (!meanwhile?.answer) throw error
    return answered(meanwhile.answer)
  }
}
