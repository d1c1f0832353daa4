import type { LocalAccount } from '../rules/accounts.ts'
import type { Synchronization } from '../rules/exchanges.ts'
import { Refusal, type RefusalCode } from '../rules/refusal.ts'
import type { OpenedResponse } from './openResponse.ts'

/** What a response is held against. `answered` is the exchange that it names, `outstanding` the one that waits. */
export type Facts = {
  response: OpenedResponse
  account: LocalAccount
  serverUuid: string
  answered: Synchronization | undefined
  /** The file that `answered` has been answered with before. */
  formerAnswer: string | null
  /** Whether a later exchange has been answered since. */
  superseded: boolean
  outstanding: Synchronization | undefined
  now: Date
}

type Doubt = { code: RefusalCode; sentence: string | ((facts: Facts) => string); holds(facts: Facts): boolean }

const waits = ({ state }: Synchronization) => state === 'prepared' || state === 'outstanding'

const whatBecameOf = ({ state, finishedAt }: Synchronization) =>
  `was ${state === 'applied' ? 'applied' : 'read'} on ${finishedAt!.toISOString().slice(0, 16).replace('T', ' ')} UTC`

/** Whose it is comes before which one it is: a person is told first that the file belongs elsewhere. */
const doubts: Doubt[] = [
  {
    code: 'WRONG_SERVER',
    sentence: 'This file answers a request of another server.',
    holds: ({ response, serverUuid }) => response.payload.server_uuid !== serverUuid,
  },
  {
    code: 'WRONG_ACCOUNT',
    sentence: 'This file belongs to another Local Account. Upload it there.',
    holds: ({ response, account }) =>
      response.payload.local_account_id !== account.uuid ||
      (account.virtualAccount.id !== null && response.payload.virtual_account.id !== account.virtualAccount.id),
  },
  {
    code: 'FILE_SAME',
    sentence: ({ answered }) =>
      `This file has been uploaded before, and ${whatBecameOf(answered!)}. Nothing was changed, and nothing is left to do with it.`,
    holds: ({ response, answered, formerAnswer, superseded }) =>
      answered !== undefined && !waits(answered) && !superseded && formerAnswer === response.text,
  },
  {
    code: 'FILE_OLD',
    sentence: 'This file answers an older request, which has been answered or cancelled since.',
    holds: ({ answered }) => answered !== undefined && !waits(answered),
  },
  {
    code: 'NO_PENDING_REQUEST',
    sentence: 'No request of this Local Account waits for an answer. Prepare one first.',
    holds: ({ outstanding }) => outstanding === undefined,
  },
  {
    code: 'WRONG_TYPE',
    sentence: 'This file answers another kind of request than the one that waits.',
    holds: ({ response, outstanding }) => (outstanding?.kind === 'registration') !== (response.payload.type === 'registration-response'),
  },
  {
    code: 'REQUEST_MISMATCH',
    sentence: 'This file does not answer the request that waits.',
    holds: ({ response: { payload }, outstanding }) =>
      payload.request_id !== outstanding?.requestId ||
      payload.nonce !== outstanding.nonce ||
      payload.request_hash !== outstanding.requestHash ||
      payload.sequence !== outstanding.sequence ||
      (payload.type === 'sync-response' && payload.sync_type !== outstanding.kind),
  },
  {
    code: 'FILE_EXPIRED',
    sentence: 'This file may no longer be used: its time has passed. Prepare a new request.',
    holds: ({ response, now }) => now.getTime() > response.payload.not_after,
  },
]

/**
 * Refuses a response that is not the answer to the one outstanding request: "needs `request_id`, `nonce`, `request_hash`, `sequence` of that
 * request, account and server ids its own, signature chain, `not_after`" (wire-cloud 7.4). The first doubt that holds is the one that is told.
 */
export function refuseDoubtful(facts: Facts): void {
  const doubt = doubts.find(each => each.holds(facts))
  if (doubt) throw new Refusal(doubt.code, typeof doubt.sentence === 'string' ? doubt.sentence : doubt.sentence(facts))
}
