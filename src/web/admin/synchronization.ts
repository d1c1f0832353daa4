import { refuseUnless } from '../../rules/refusal.ts'
import { synchronizeLocalAccount } from '../../synchronization/synchronizeLocalAccount.ts'
import { paths } from '../paths.ts'
import { orNotice } from '../refusals.ts'
import { goTo, say } from '../render.ts'
import { type AccountVisit, field } from '../visit.ts'
import { inAWhile } from './inAWhile.ts'

const types = ['standard', 'full'] as const

/** A synchronization by network. The account's page shows how far it is and what came of it. */
export const synchronizationSubmitted = (visit: AccountVisit): Promise<void> =>
  orNotice(visit, paths.admin.account(visit.account.uuid), async () => {
    const type = types.find(one => one === field(visit, 'type'))
    refuseUnless(type, 'INVALID', 'Choose a standard or a full synchronization.', 'type')
    refuseUnless(visit.account.state === 'registered', 'CONFLICT', 'Only a registered account can be synchronized.')
    const done = await inAWhile(visit.context, synchronizeLocalAccount(visit.context, visit.person, visit.account.id, type))
    if (done) await say(visit, { tone: 'success', words: `${visit.account.name} was synchronized with the cloud.` })
    goTo(visit, paths.admin.account(visit.account.uuid))
  })
