import { fileNameOf } from '../../cloud/file.ts'
import { later } from '../../rules/clock.ts'
import { requestLife } from '../../rules/exchanges.ts'
import { Refusal, refuseUnless } from '../../rules/refusal.ts'
import { findProgress } from '../../storage/synchronizationProgress.ts'
import { findOutstandingSynchronization, getSynchronization, listSynchronizations } from '../../storage/synchronizations.ts'
import { cancelFile } from '../../synchronization/cancelFile.ts'
import { handOut, prepareFile } from '../../synchronization/prepareFile.ts'
import { previewResponse } from '../../synchronization/previewResponse.ts'
import { applyUploadedResponse, uploadResponse } from '../../synchronization/uploadResponse.ts'
import { inAWhile } from '../inAWhile.ts'
import { paths } from '../paths.ts'
import { orForm, orNotice } from '../refusals.ts'
import { goTo, say, show } from '../render.ts'
import { uploadedFile } from '../upload.ts'
import { type AccountVisit, field } from '../visit.ts'

const view = { page: 'admin/courier/index.njk', fragment: 'admin/courier/_steps.njk' }
const formView = { page: 'admin/courier/index.njk', fragment: 'admin/courier/index.njk' }
const of = ({ account }: AccountVisit) => paths.admin.courier(account.uuid)

/** Where an exchange by file stands: nothing begun, a request to be carried, or a response that somebody looks at. */
async function model({ context, account, now }: AccountVisit) {
  const { pages } = context.storage
  const [[latest], progress] = await Promise.all([
    listSynchronizations(pages, account.id, { limit: 1 }),
    findProgress(pages, account.id, now),
  ])
  // None begins while another is under way: that is the newest.
  const underWay = latest?.state === 'prepared' || latest?.state === 'outstanding' ? latest : undefined
  const waiting = underWay?.carrier === 'manual' ? underWay : undefined
  const common = { progress, underWay, waiting, latest, fileName: waiting && fileNameOf(account, waiting, 'request') }
  const notAfter = waiting && later(waiting.createdAt, requestLife)
  if (!waiting) return { ...common, notAfter, step: 1 }
  const preview = await previewResponse(context, account.id).catch((error: unknown) => {
    // What was good when it was uploaded is not for ever: the page says so, and takes another.
    if (error instanceof Refusal) return undefined
    throw error
  })
  return { ...common, notAfter, preview, step: preview ? 4 : waiting.state === 'prepared' ? 2 : 3 }
}

/** The exchange by file, step by step. */
export const courierPage = async (visit: AccountVisit): Promise<void> => show(visit, view, await model(visit))

/** A request is written for a courier. Whoever has one on the way already has been warned by the form. */
export const courierRequestSubmitted = (visit: AccountVisit): Promise<void> =>
  orForm(
    visit,
    formView,
    () => model(visit),
    async () => {
      const type = field(visit, 'type') === 'full' ? 'full' : 'standard'
      await refuseUnwarned(visit)
      await inAWhile(visit, prepareFile(visit.context, visit.person, { localAccountId: visit.account.id, type }))
      goTo(visit, of(visit))
    },
  )

/** "Creating a new request while one is outstanding cancels the old …, after a warning." */
async function refuseUnwarned(visit: AccountVisit): Promise<void> {
  const underWay = await findOutstandingSynchronization(visit.context.storage.db, visit.account.id)
  refuseUnless(
    underWay?.carrier !== 'manual' || field(visit, 'replaces') === String(underWay.id),
    'CONFLICT',
    'A request is with a courier already. A new one would cancel it: give it up first, or upload its response.',
  )
}

/** The request as a file, as often as the courier needs it. */
export const courierRequestFile = (visit: AccountVisit): Promise<void> =>
  orNotice(visit, of(visit), async () => {
    const { account, context, response } = visit
    const waiting = await findOutstandingSynchronization(context.storage.db, account.id)
    refuseUnless(waiting?.carrier === 'manual', 'NO_PENDING_REQUEST', 'No request waits for a courier. Prepare one first.')
    const file = await handOut(context, waiting)
    response
      .attachment(fileNameOf(account, waiting, 'request'))
      .type('application/json')
      .send(file)
  })

/** A response is uploaded: it is checked, and shown before it counts. */
export const courierResponseSubmitted = (visit: AccountVisit): Promise<void> =>
  orForm(
    visit,
    formView,
    () => model(visit),
    async () => {
      const file = uploadedFile(visit.request)
      refuseUnless(file.length > 0, 'INVALID', 'Choose the response file that the cloud gave.', 'file')
      await uploadResponse(visit.context, visit.person, { localAccountId: visit.account.id, file }).catch(atField)
      goTo(visit, of(visit))
    },
  )

/** Whatever is wrong with the file is said at its field. */
function atField(error: unknown): never {
  throw error instanceof Refusal ? new Refusal(error.code, error.message, 'file') : error
}

/** What was looked at is applied. */
export const courierApplicationSubmitted = (visit: AccountVisit): Promise<void> =>
  orNotice(visit, of(visit), async () => {
    const done = await inAWhile(visit, applyUploadedResponse(visit.context, visit.person, visit.account.id))
    if (!done) return goTo(visit, of(visit))
    const { state, message } = await getSynchronization(visit.context.storage.db, done)
    const words = done.kind === 'registration' ? `${visit.account.name} is registered.` : `${visit.account.name} is synchronized.`
    if (state === 'applied' && !message) await say(visit, { tone: 'success', words })
    else
      await say(visit, {
        tone: 'warning',
        words: message ?? 'The cloud has not taken the request.',
        more: 'The next request is a full one.',
      })
    goTo(visit, state === 'applied' ? paths.admin.account(visit.account.uuid) : of(visit))
  })

/** What giving up costs, and the question whether to. */
export const courierCancellationPage = async (visit: AccountVisit): Promise<void> =>
  show(visit, { page: 'admin/courier/cancellation.njk', fragment: 'admin/courier/_cancellation.njk' })

export const courierCancellationSubmitted = (visit: AccountVisit): Promise<void> =>
  orNotice(visit, of(visit), async () => {
    await cancelFile(visit.context, visit.person, visit.account.id)
    await say(visit, { tone: 'success', words: 'The request is given up. Its response will not be taken any more.' })
    goTo(visit, visit.account.state === 'registered' ? of(visit) : paths.admin.account(visit.account.uuid))
  })
