import type { Context } from '../context.ts'
import type { Acknowledgement } from '../licensing/acknowledgeRegistration.ts'
import type { Receipt } from '../licensing/answerOnce.ts'
import type { RegistrationOrder } from '../licensing/registerProductInstances.ts'
import type { UsageOutcome, UsageReport } from '../licensing/usageReport.ts'
import type { LocalAccount } from '../rules/accounts.ts'
import type { ProductInstance } from '../rules/productInstances.ts'
import type { RegistrationToken } from '../rules/tokens.ts'
import type { ProductKey } from '../storage/productInstances.ts'
import type { KeptSecret, TokenKey } from '../storage/registrationTokens.ts'
import type { EarlierReply } from '../storage/replies.ts'
import type { SenderFacts, SenderKey } from '../storage/senders.ts'
import type { RequestEnvelope } from '../wire/envelope.ts'
import type { Counters, Transport } from './counters.ts'
import type { Lane } from './lanes.ts'
import type { Limits } from './limits.ts'
import type { Turnstile } from './turnstile.ts'

/** What every message at this door is given. */
export type Door = {
  context: Context
  limits: Limits
  turnstile: Turnstile
  counters: Counters
  /** The questions and changes that many messages make together. */
  lanes: {
    accounts: Lane<number, LocalAccount | undefined>
    senders: Lane<SenderKey, SenderFacts>
    earlierReplies: Lane<Receipt, EarlierReply | undefined>
    tokens: Lane<TokenKey, { token: RegistrationToken; secret: KeptSecret } | undefined>
    formerInstances: Lane<ProductKey, ProductInstance | undefined>
    registrations: Lane<RegistrationOrder, string>
    acknowledgements: Lane<Acknowledgement, string>
    reports: Lane<UsageReport, UsageOutcome>
  }
}

/** Where a message came from; `source` is whom the limits count it for. */
export type Origin = { transport: Transport; secure: boolean; address: string; source: string }

/** A message on its way through the door. `receivedAt` is the one time that all its checks go by. */
export type Message = { envelope: RequestEnvelope; origin: Origin; correlationId: string; receivedAt: Date }

/** What a message is answered: the unsigned text of the response, and the word that it is counted under. */
export type Answered = { text: string; result: string }
