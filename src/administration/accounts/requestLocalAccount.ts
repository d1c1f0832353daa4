import { randomUUID } from 'node:crypto'
import type { Context } from '../../context.ts'
import type { LocalAccount } from '../../rules/accounts.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import { type AccountRequest, checkAccountRequest } from '../../rules/registrations.ts'
import type { Person } from '../../rules/roles.ts'
import { raiseAlert } from '../../storage/alerts.ts'
import type { Db } from '../../storage/db.ts'
import { recordEvent } from '../../storage/events.ts'
import { countOpenRequests, findLocalAccountByName, insertLocalAccount } from '../../storage/localAccounts.ts'
import { insertLocalVirtualAccount } from '../../storage/localVirtualAccounts.ts'
import { writeMail } from '../../storage/mails.ts'
import { accountRequestAlert } from '../../storage/requestAlerts.ts'
import { findUser } from '../../storage/users.ts'

/** So many requests of one person may wait: whoever is signed in may ask, without a role. */
const openRequestsAtMost = 10

/**
 * Somebody asks for a Local Account: "Request fields: Local Account name, Smart Account, Virtual Account, e-mail for notification, message". It
 * waits for a System Administrator. Refuses a name that is taken, and more requests than anybody looks at.
 */
export async function requestLocalAccount(context: Context, who: Person, request: AccountRequest): Promise<LocalAccount> {
  const { name, smartAccount, virtualAccount, notificationEmail, message } = checkAccountRequest(request)
  return context.storage.transaction(async tx => {
    const now = context.clock.now()
    const requester = who.kind === 'user' ? await findUser(tx, who.name) : undefined
    const waiting = requester ? await countOpenRequests(tx, requester.id) : 0
    refuseUnless(
      waiting < openRequestsAtMost,
      'TOO_MANY',
      `${openRequestsAtMost} of your requests wait already. Let them be decided first.`,
    )
    refuseUnless(
      !(await findLocalAccountByName(tx, name)),
      'CONFLICT',
      `There is a Local Account ${name} already, or one was asked for.`,
      'name',
    )
    const account = await insertLocalAccount(tx, {
      uuid: randomUUID(),
      name,
      state: 'requested',
      smartAccount: { id: null, name: smartAccount },
      virtualAccount: { id: null, name: virtualAccount },
      notificationEmail: notificationEmail ?? requester?.email ?? null,
      message,
      requestedBy: who.name,
      requestedAt: now,
      requesterId: requester?.id ?? null,
    })
    await insertLocalVirtualAccount(tx, { localAccountId: account.id, name: 'Default', isDefault: true, createdAt: now })
    const words = `${who.name} asked for the Local Account ${name}, for ${smartAccount} / ${virtualAccount}.`
    await recordEvent(tx, { localAccountId: account.id, at: now, kind: 'account requested', message: words, who: who.name })
    await recordEvent(tx, { localAccountId: 0, at: now, kind: 'account requested', message: words, who: who.name })
    await tellRequest(tx, account, words, now)
    return account
  })
}

/** Those who run the server have an alert until it is decided, and a mail; whoever asked has the mail as well. */
async function tellRequest(tx: Db, account: LocalAccount, words: string, at: Date): Promise<void> {
  const action = 'Approve it, register it, or reject it, under Accounts › Requests.'
  await raiseAlert(tx, { ...accountRequestAlert(account), severity: 'info', source: account.name, message: words, action, at })
  const body = `${words}${account.message ? `\n\n${account.message}` : ''}\n\nA System Administrator decides on it in the Admin workspace, under Accounts.\n`
  const cause = `${account.uuid} account requested`
  await writeMail(tx, { localAccountId: account.id, cause, subject: `${account.name}: account requested`, body, at })
}
