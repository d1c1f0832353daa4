import { NoAppliance } from '../../administration/releases/askHelper.ts'
import { beginRollback, rollbackWord } from '../../administration/releases/beginRollback.ts'
import { beginUpgrade } from '../../administration/releases/beginUpgrade.ts'
import { checkRelease } from '../../administration/releases/checkRelease.ts'
import { deleteRelease } from '../../administration/releases/deleteRelease.ts'
import { keepRelease, largestRelease } from '../../administration/releases/keepRelease.ts'
import { readReleases } from '../../administration/releases/readReleases.ts'
import type { Context } from '../../context.ts'
import { serverVersion } from '../../release.ts'
import { Refusal } from '../../rules/refusal.ts'
import { paths } from '../paths.ts'
import { orForm, orNotice } from '../refusals.ts'
import { goTo, say, show } from '../render.ts'
import { receiveUpload } from '../upload.ts'
import { field, parameter, type Visit } from '../visit.ts'

const view = { page: 'admin/upgrade/index.njk', fragment: 'admin/upgrade/_upgrade.njk' }
const rollbackView = { page: 'admin/upgrade/rollback.njk', fragment: 'admin/upgrade/_rollback.njk' }

/** What an upgrade goes through, in its order, in words for people; a rollback has the last three. */
const upgradeSteps = [
  ['verify', 'Verify its signature'],
  ['prepare', 'Look for room'],
  ['backup', 'Take a backup'],
  ['unpack', 'Unpack it beside the others'],
  ['rehearse', 'Try it in a laboratory of its own'],
  ['migrate', 'Bring the database to its schema'],
  ['switch', 'Switch over'],
  ['restart', 'Start the server again'],
  ['check', 'Ask the server whether it is well'],
] as const

/** What is installed and what goes on; or why that cannot be told. */
async function model({ config }: Context) {
  const common = { serverVersion, steps: upgradeSteps }
  try {
    const releases = await readReleases(config)
    // Before the first is told, and where the former release is put back, it is none of them.
    const at = upgradeSteps.findIndex(([step]) => step === releases.running?.step)
    return { ...common, appliance: true, at, ...releases }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { ...common, appliance: !(error instanceof NoAppliance), trouble: error.message }
  }
}

/** The release, what could take its place, and what goes on; it refreshes by itself while the release is being changed. */
export const upgradePage = async (visit: Visit): Promise<void> => show(visit, view, await model(visit.context))

/** A release comes: to the disk, checked, and then looked at before it counts. */
export const releaseUploaded = (visit: Visit): Promise<void> =>
  orForm(
    visit,
    { ...view, fragment: view.page },
    () => model(visit.context),
    async () => {
      const announced = Number(visit.request.get('Content-Length') ?? 0)
      const name = await receiveUpload(visit, largestRelease, content => keepRelease(visit.context, visit.person, { content, announced }))
      goTo(visit, paths.admin.release(name))
    },
  )

/** What a release is, who signed it and what is new in it, with the button that installs it. */
export const releasePage = (visit: Visit): Promise<void> =>
  orNotice(visit, paths.admin.upgrade, async () => {
    const name = parameter(visit, 'release')
    const release = await checkRelease(visit.context.config, name)
    show(visit, { page: 'admin/upgrade/release.njk', fragment: 'admin/upgrade/release.njk' }, { release, name })
  })

export const installationSubmitted = (visit: Visit): Promise<void> =>
  orNotice(visit, paths.admin.upgrade, async () => {
    await beginUpgrade(visit.context, visit.person, parameter(visit, 'release'))
    goTo(visit, paths.admin.upgrade)
  })

export const releaseDeletionSubmitted = (visit: Visit): Promise<void> =>
  orNotice(visit, paths.admin.upgrade, async () => {
    const name = parameter(visit, 'release')
    await deleteRelease(visit.context, visit.person, name)
    await say(visit, { tone: 'success', words: `${name} was deleted.` })
    goTo(visit, paths.admin.upgrade)
  })

/** What going back means, and the word for it. */
export const rollbackPage = (visit: Visit): Promise<void> =>
  orNotice(visit, paths.admin.upgrade, async () => {
    const { current, former } = await readReleases(visit.context.config)
    show(visit, rollbackView, { current, former, rollbackWord })
  })

export const rollbackSubmitted = (visit: Visit): Promise<void> =>
  orForm(
    visit,
    rollbackView,
    async () => ({ ...(await readReleases(visit.context.config)), rollbackWord }),
    async () => {
      await beginRollback(visit.context, visit.person, field(visit, 'confirmation'))
      goTo(visit, paths.admin.upgrade)
    },
  )
