import { statfs } from 'node:fs/promises'
import { refuseUnless } from '../../src/rules/refusal.ts'
import type { Manifest } from '../release/manifest.ts'
import { readRelease, type VerifiedRelease } from '../release/readRelease.ts'
import { fingerprintOf, keysBelievedBy } from '../release/releaseKey.ts'
import { compareVersions } from '../release/versions.ts'
import { backUp } from './backup.ts'
import { checkHealth } from './check.ts'
import type { Ground } from './ground.ts'
import { currentRelease, folderOf, listInstalled, prune, switchTo } from './installed.ts'
import { close, type Entry, type Journal, readHistory, readJournal, type Step, steps, writeJournal } from './journal.ts'
import { alone } from './lock.ts'
import { schemaBy, succeed } from './programs.ts'
import { rehearse } from './rehearse.ts'
import { unpackRelease } from './unpack.ts'

/** What is told of a release that could be installed here. */
export type Checked = Pick<Manifest, 'version' | 'createdAt' | 'schema' | 'notes'> & { installed: string; signedBy: string; bytes: number }

/** Reads a release through and says what it is. Refuses what is no release, what a stranger signed, what was altered, and what may not follow this one. */
export async function checkRelease(ground: Ground, archive: string): Promise<Checked> {
  const installed = currentRelease(ground.releases)
  ground.tell({ step: 'verify' })
  const { manifest, signedBy } = await verified(ground, archive, installed)
  const { version, createdAt, schema, notes } = manifest
  return { version, createdAt, schema, notes, installed, signedBy: fingerprintOf(signedBy), bytes: sizeOf(manifest) }
}

const believedBy = (ground: Ground, version: string) => keysBelievedBy(folderOf(ground.releases, version))
const sizeOf = ({ files }: Manifest) => files.reduce((sum, { bytes }) => sum + bytes, 0)

async function verified(ground: Ground, archive: string, installed: string): Promise<VerifiedRelease> {
  const release = await readRelease(archive, believedBy(ground, installed))
  const { version, upgradesFrom, runsOn } = release.manifest
  const order = compareVersions(version, installed)
  refuseUnless(order !== 0, 'FILE_SAME', `Release ${version} is installed already.`, 'file')
  refuseUnless(
    order > 0,
    'FILE_OLD',
    `Release ${version} is older than ${installed}, which is installed. "rollback" goes back to the one before.`,
    'file',
  )
  refuseUnless(
    compareVersions(installed, upgradesFrom) >= 0,
    'UNSUPPORTED_VERSION',
    `Release ${version} takes over from ${upgradesFrom} or newer, and ${installed} is installed. Upgrade to a release in between first.`,
    'file',
  )
  const machine = `${process.platform}-${process.arch}`
  refuseUnless(runsOn === machine, 'UNSUPPORTED_VERSION', `Release ${version} is for ${runsOn}, and this machine is ${machine}.`, 'file')
  return release
}

/**
 * Puts a newer release in the place of the one that runs. What fails before the switch leaves all as it was; what fails after it puts the former release
 * back, and says why. Each step is written down before it is begun, so that a power cut at any of them ends with the old release or the new one.
 */
export const upgrade = (ground: Ground, archive: string): Promise<Entry> =>
  alone(ground.releases, async () => {
    await finishInterrupted(ground)
    const from = currentRelease(ground.releases)
    ground.tell({ step: 'verify' })
    const { manifest } = await verified(ground, archive, from)
    const startedAt = ground.now().toISOString()
    const journal = writeJournal(ground.releases, {
      ...{ id: startedAt, kind: 'upgrade', from, to: manifest.version, startedAt },
      ...{ archive, step: 'prepare', direction: 'forward', keep: 0, reason: null, backup: null },
    })
    return goForward(ground, journal, sizeOf(manifest))
  })

/**
 * Goes back to the release that was there before the last upgrade. Refuses where none is kept, and where the database has lost what that release needs:
 * then a backup of its time is the way.
 */
export const rollBack = (ground: Ground): Promise<Entry> =>
  alone(ground.releases, async () => {
    await finishInterrupted(ground)
    const { releases } = ground
    const from = currentRelease(releases)
    const to = formerRelease(releases, from)
    refuseUnless(to, 'NOT_FOUND', `No release is kept that was there before ${from}.`)
    const { fits, schema, known, leastKnown } = await schemaBy(ground, to)
    refuseUnless(
      fits,
      'UNSUPPORTED_VERSION',
      `The database has schema ${schema}, which takes a release that knows schema ${leastKnown}; ${to} knows ${known}. ` +
        `To go back to ${to}, restore a backup that it has taken.`,
    )
    const startedAt = ground.now().toISOString()
    const journal = writeJournal(releases, {
      ...{ id: startedAt, kind: 'rollback', from, to, startedAt },
      ...{ archive: null, step: 'switch', direction: 'forward', keep: known, reason: null, backup: null },
    })
    return goForward(ground, journal)
  })

/** The newest of the older releases that are still here. */
export const formerRelease = (releases: string, current: string): string | undefined =>
  listInstalled(releases)
    .filter(version => compareVersions(version, current) < 0)
    .sort(compareVersions)
    .at(-1)

/** Ends what a power cut, or a kill, has interrupted; undefined where nothing was. */
export const resume = (ground: Ground): Promise<Entry | undefined> => alone(ground.releases, () => finishInterrupted(ground))

/** Up to here nothing of the running server was touched, and an upgrade that was interrupted is taken back. */
const firstThatTouches: Step = 'migrate'

async function finishInterrupted(ground: Ground): Promise<Entry | undefined> {
  const journal = readJournal(ground.releases)
  if (!journal) return undefined
  if (journal.direction === 'back') return goBack(ground, journal)
  if (steps.indexOf(journal.step) >= steps.indexOf(firstThatTouches)) return goForward(ground, journal)
  return abandon(ground, { ...journal, reason: `It was interrupted at the step "${journal.step}", before anything was changed.` })
}

async function goForward(ground: Ground, begun: Journal, bytes = 0): Promise<Entry> {
  let journal = begun
  try {
    for (const step of steps.slice(steps.indexOf(begun.step))) {
      journal = writeJournal(ground.releases, { ...journal, step })
      ground.tell({ step })
      journal = { ...journal, ...(await deeds[step](ground, journal, bytes)) }
    }
  } catch (error) {
    const failed = { ...journal, reason: `${(error as Error).message}` }
    // The database may have been widened by now; the release that runs goes on with that.
    if (steps.indexOf(journal.step) < steps.indexOf('switch')) return abandon(ground, failed)
    return goBack(ground, writeJournal(ground.releases, { ...failed, direction: 'back' }))
  }
  prune(ground.releases, [journal.from, journal.to])
  return close(ground.releases, journal, 'done', ground.now())
}

/** What is done at each step, and what is remembered of it. All of them can be done again after a kill. */
const deeds: Record<Step, (ground: Ground, journal: Journal, bytes: number) => Promise<Partial<Journal>>> = {
  async prepare(ground, { from }, bytes) {
    await refuseWithoutSpace(ground, bytes)
    const { known } = await schemaBy(ground, from)
    return { keep: known }
  },
  backup: async (ground, { from }) => ({ backup: await backUp(ground, from) }),
  unpack: (ground, { archive, from, to }) => quietly(unpackRelease(ground, archive!, to, believedBy(ground, from))),
  rehearse: (ground, { to }) => quietly(rehearse(ground, to)),
  migrate: (ground, { to, keep }) =>
    quietly(
      succeed(ground, to, ['src/server.ts', 'migrate', '--keep', String(keep)], 'The database could not be brought to the new schema'),
    ),
  switch: async (ground, { to }) => {
    switchTo(ground.releases, to)
    return {}
  },
  restart: ground => quietly(ground.restart()),
  check: (ground, { to }) => quietly(checkHealth(ground, to)),
}

const quietly = async (deed: Promise<unknown>): Promise<Partial<Journal>> => {
  await deed
  return {}
}

/** Room for the release, and for a backup in which the server's own data folder counts for the database. */
async function refuseWithoutSpace(ground: Ground, bytes: number): Promise<void> {
  const least = 200e6
  for (const [folder, wanted] of [
    [ground.releases, bytes * 1.1 + least],
    [ground.data, least],
  ] as const) {
    const { bavail, bsize } = await statfs(folder)
    const free = bavail * bsize
    const words = `There is not enough room in ${folder}: ${megabytes(free)} are free, and ${megabytes(wanted)} are needed. Delete what is not needed.`
    refuseUnless(free >= wanted, 'CONFLICT', words)
  }
}

const megabytes = (bytes: number) => `${Math.ceil(bytes / 1e6)} MB`

/** Takes away what was brought, while the former release has run all the time. */
function abandon(ground: Ground, journal: Journal): Entry {
  const current = currentRelease(ground.releases)
  if (journal.to !== current)
    prune(
      ground.releases,
      listInstalled(ground.releases).filter(version => version !== journal.to),
    )
  return close(ground.releases, journal, 'abandoned', ground.now())
}

/** Puts the former release back. Where even that is not well, it says so: then a person is needed. */
async function goBack(ground: Ground, journal: Journal): Promise<Entry> {
  const { from, to, reason } = journal
  ground.tell({ step: 'going back' })
  switchTo(ground.releases, from)
  try {
    await ground.restart()
    await checkHealth(ground, from)
  } catch (error) {
    const words = `${reason} Release ${from} was put back, and is not well either: ${(error as Error).message}`
    return close(ground.releases, { ...journal, reason: words }, 'failed', ground.now())
  }
  // A release that did not work here is of no more use; the one that a rollback left is kept.
  if (journal.kind === 'upgrade')
    prune(
      ground.releases,
      listInstalled(ground.releases).filter(version => version !== to),
    )
  return close(ground.releases, journal, 'rolled back', ground.now())
}

/** Everything that was done here, the oldest first, with what is installed. */
export function upgradeHistory(releases: string) {
  const current = currentRelease(releases)
  return {
    current,
    former: formerRelease(releases, current) ?? null,
    installed: listInstalled(releases).sort(compareVersions),
    entries: readHistory(releases),
  }
}
