import { approveLocalAccount } from '../../administration/accounts/approveLocalAccount.ts'
import { changeLocalAccount } from '../../administration/accounts/changeLocalAccount.ts'
import { deactivateLocalAccount } from '../../administration/accounts/deactivateLocalAccount.ts'
import { deleteLocalAccount } from '../../administration/accounts/deleteLocalAccount.ts'
import { rejectLocalAccount } from '../../administration/accounts/rejectLocalAccount.ts'
import { removeAllProductInstances } from '../../licensing/removeAllProductInstances.ts'
import { mostCounted, obstaclesOf } from '../../rules/accountLife.ts'
import { accountStanding } from '../../rules/accounts.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import { checkEmail } from '../../rules/users.ts'
import { findRemains } from '../../storage/accountRemains.ts'
import { findCloudCredentials } from '../../storage/cloudCredentials.ts'
import { findAccountNumbers } from '../../storage/pages/adminAccounts.ts'
import { forgetCloudCredentials } from '../../synchronization/forgetCloudCredentials.ts'
import { inAWhile } from '../inAWhile.ts'
import { paths } from '../paths.ts'
import { orForm, orNotice } from '../refusals.ts'
import { goTo, say, show } from '../render.ts'
import { type AccountVisit, field } from '../visit.ts'

/** A question of its own, as a page or in the dialog. */
const question = (name: string) => ({ page: `admin/accounts/${name}.njk`, fragment: `admin/accounts/_${name}.njk` })
const ofAccount = ({ account }: AccountVisit) => paths.admin.account(account.uuid)

/** An administrator approves a request. What comes next is to register it. */
export const approvalSubmitted = (visit: AccountVisit): Promise<void> =>
  orNotice(visit, ofAccount(visit), async () => {
    const { name } = await approveLocalAccount(visit.context, visit.person, visit.account.id)
    await say(visit, {
      tone: 'success',
      words: `The request for ${name} is approved.`,
      more: 'Register it with the cloud, and it can be used.',
    })
    goTo(visit, ofAccount(visit))
  })

/** Why a request is rejected: whoever asked reads it. */
export const rejectionPage = (visit: AccountVisit): void => show(visit, question('rejection'))

export const rejectionSubmitted = (visit: AccountVisit): Promise<void> =>
  orForm(
    visit,
    question('rejection'),
    () => ({}),
    async () => {
      await rejectLocalAccount(visit.context, visit.person, { localAccountId: visit.account.id, reason: field(visit, 'reason') })
      await say(visit, { tone: 'success', words: `The request for ${visit.account.name} is rejected.` })
      goTo(visit, paths.admin.accountRequests)
    },
  )

/** What the account is called here, and whom its mail goes to. */
export const propertiesPage = (visit: AccountVisit): void => show(visit, question('properties'))

export const propertiesSubmitted = (visit: AccountVisit): Promise<void> =>
  orForm(
    visit,
    question('properties'),
    () => ({}),
    async () => {
      const notificationEmail = checkEmail(field(visit, 'notificationEmail'), 'notificationEmail')
      const wish = { localAccountId: visit.account.id, name: field(visit, 'name'), notificationEmail }
      const { name } = await changeLocalAccount(visit.context, visit.person, wish)
      await say(visit, { tone: 'success', words: `${name} was changed.` })
      goTo(visit, ofAccount(visit))
    },
  )

/** "Deactivation is guided: what still stands in the way … is listed with a button for each." */
async function deactivationModel({ context, account, now }: AccountVisit) {
  const remains = await findRemains(context.storage.pages, account.id)
  return { remains, mostCounted, obstacles: obstaclesOf(remains), standing: accountStanding(account, now) }
}
const deactivationView = { page: 'admin/accounts/deactivation.njk', fragment: 'admin/accounts/_obstacles.njk' }

export const deactivationPage = async (visit: AccountVisit): Promise<void> => show(visit, deactivationView, await deactivationModel(visit))

export const deactivationSubmitted = (visit: AccountVisit): Promise<void> =>
  orForm(
    visit,
    { ...deactivationView, fragment: deactivationView.page },
    () => deactivationModel(visit),
    async () => {
      await deactivateLocalAccount(visit.context, visit.person, {
        localAccountId: visit.account.id,
        reason: field(visit, 'reason'),
        confirmation: field(visit, 'confirmation'),
        despite: field(visit, 'despite') === 'on',
      })
      await say(visit, { tone: 'success', words: `${visit.account.name} is deactivated.` })
      goTo(visit, ofAccount(visit))
    },
  )

/** All product instances at once: what that does, and the question whether to. */
export const productRemovalPage = async (visit: AccountVisit): Promise<void> =>
  show(visit, question('productRemoval'), { remains: await findRemains(visit.context.storage.pages, visit.account.id) })

export const productRemovalSubmitted = (visit: AccountVisit): Promise<void> =>
  orNotice(visit, paths.admin.deactivation(visit.account.uuid), async () => {
    const wish = { localAccountId: visit.account.id, reason: 'The account is to be deactivated.' }
    const removed = await inAWhile(visit, removeAllProductInstances(visit.context, visit.person, wish))
    const words = removed === undefined ? 'The product instances are being removed.' : 'The product instances are removed.'
    await say(visit, { tone: removed === undefined ? 'info' : 'success', words })
    goTo(visit, paths.admin.deactivation(visit.account.uuid))
  })

/** What goes with the account, and the question whether to delete it. */
async function deletionModel({ context, account }: AccountVisit) {
  return { numbers: await findAccountNumbers(context.storage.pages, account.id) }
}

export const deletionPage = async (visit: AccountVisit): Promise<void> => show(visit, question('deletion'), await deletionModel(visit))

export const deletionSubmitted = (visit: AccountVisit): Promise<void> =>
  orForm(
    visit,
    question('deletion'),
    () => deletionModel(visit),
    async () => {
      const wish = { localAccountId: visit.account.id, confirmation: field(visit, 'confirmation') }
      await deleteLocalAccount(visit.context, visit.person, wish)
      await say(visit, { tone: 'success', words: `${visit.account.name} was deleted with everything in it.` })
      goTo(visit, paths.admin.accounts)
    },
  )

/** What forgetting as whom the cloud lets an account in does, and the question whether to. */
export async function signInRemovalPage(visit: AccountVisit): Promise<void> {
  const { pages } = visit.context.storage
  const [credentials, ofServer] = await Promise.all([findCloudCredentials(pages, visit.account.id), findCloudCredentials(pages, 0)])
  refuseUnless(credentials?.localAccountId === visit.account.id, 'NOT_FOUND', 'This account has no client of the cloud of its own.')
  show(visit, question('signInRemoval'), { credentials, serverHasOwn: ofServer !== undefined })
}

export const signInRemovalSubmitted = (visit: AccountVisit): Promise<void> =>
  orNotice(visit, ofAccount(visit), async () => {
    await forgetCloudCredentials(visit.context, visit.person, visit.account.id)
    await say(visit, { tone: 'success', words: 'The stored credentials of the cloud are forgotten.' })
    goTo(visit, ofAccount(visit))
  })
