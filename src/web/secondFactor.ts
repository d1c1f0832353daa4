import { renderSVG } from 'uqr'
import { enrolment } from '../administration/secondFactor/codes.ts'
import { beginSecondFactor, confirmSecondFactor, removeSecondFactor, renewRecoveryCodes } from '../administration/secondFactor/setUp.ts'
import { isAskedHere, needsSecondFactor } from '../rules/secondFactor.ts'
import { countRecoveryCodes, findSecondFactor } from '../storage/secondFactors.ts'
import { paths } from './paths.ts'
import { orForm } from './refusals.ts'
import { goTo, say, show } from './render.ts'
import { field, type Visit } from './visit.ts'

const view = { page: 'public/secondFactor.njk', fragment: 'public/secondFactor.njk' }
const codesView = { page: 'public/recoveryCodes.njk', fragment: 'public/recoveryCodes.njk' }

async function model({ context, user, person, security }: Visit) {
  const factor = await findSecondFactor(context.storage.db, user.id)
  const roles = person.assignments.map(({ role }) => role)
  const common = { isAskedHere: isAskedHere(user), isNeeded: needsSecondFactor(user, roles, security.secondFactor) }
  if (!factor) return { ...common, stage: 'none' }
  if (factor.confirmedAt) return { ...common, stage: 'in force', left: await countRecoveryCodes(context.storage.db, user.id) }
  const { uri, secret } = enrolment(context, factor, user.username)
  return { ...common, stage: 'set up', picture: renderSVG(uri, { border: 2 }), secret: secret.replace(/.{4}(?=.)/g, '$& ') }
}

/** One's own second factor; the only page of somebody who has to have one and has none. */
export const secondFactorPage = async (visit: Visit): Promise<void> => show(visit, view, await model(visit))

const changed = (visit: Visit, work: () => Promise<void>): Promise<void> => orForm(visit, view, () => model(visit), work)

/** A secret for an authenticator, shown on the page until its first code. */
export const secondFactorSubmitted = (visit: Visit): Promise<void> =>
  changed(visit, async () => {
    await beginSecondFactor(visit.context, visit.user)
    goTo(visit, paths.secondFactor)
  })

/** The first code: the second factor is in force, and the recovery codes are shown this once. */
export const secondFactorConfirmed = (visit: Visit): Promise<void> =>
  changed(visit, async () => {
    const codes = await confirmSecondFactor(visit.context, visit.user, visit.session.idHash, field(visit, 'code'))
    show(visit, codesView, { codes })
  })

/** New recovery codes, shown this once. */
export const recoveryCodesSubmitted = (visit: Visit): Promise<void> =>
  changed(visit, async () => show(visit, codesView, { codes: await renewRecoveryCodes(visit.context, visit.user, field(visit, 'code')) }))

/** One goes without a second factor. */
export const secondFactorRemoved = (visit: Visit): Promise<void> =>
  changed(visit, async () => {
    await removeSecondFactor(visit.context, visit.user, field(visit, 'code'))
    await say(visit, { tone: 'success', words: 'Your second factor is taken away.' })
    goTo(visit, paths.secondFactor)
  })
