import type { Context } from '../../context.ts'
import type { SecretBox } from '../../pki/secretBox.ts'
import { followTrail, isBreak, type TrailBreak, type TrailPlace, trailStart } from '../../rules/trail.ts'
import type { Db } from '../../storage/db.ts'
import { countTrailUpTo, findTrailHead, listTrailSeals, readTrail, type StoredLink, type TrailSeal } from '../../storage/trail.ts'
import { sealHolds } from './sealTrail.ts'

/** What verification found: how many records hold, from which number on, and the first place that does not. */
export type TrailReport = { from: number; to: number; records: number; seals: number; broken: TrailBreak | null }

/**
 * "each row chained to the one before by a hash so that a gap or an edit shows": follows the chain from its start, or from where it was last
 * pruned, to its end, and holds it against every seal. Reads one state of the database, whatever is added meanwhile; some hundred thousand records
 * a second, and no more of them in memory than a few thousand.
 */
export const verifyTrail = ({ storage, secrets }: Pick<Context, 'storage' | 'secrets'>): Promise<TrailReport> =>
  storage.db.transaction(tx => verify(tx, secrets), { isolationLevel: 'repeatable read', readOnly: true })

async function verify(db: Db, secrets: SecretBox): Promise<TrailReport> {
  const [head, seals] = [await findTrailHead(db), await listTrailSeals(db)]
  const start = seals.findLast(({ anchor }) => anchor) ?? trailStart
  const report = { from: start.number + 1, to: head.number, records: 0, seals: seals.length }
  const broken = (found: TrailBreak): TrailReport => ({ ...report, broken: found })
  const forged = seals.find(seal => !sealHolds(secrets, seal))
  if (forged) return broken({ number: forged.number, sentence: `The seal at record ${forged.number} was not made by this server.` })
  if ((await countTrailUpTo(db, start.number)) > 0)
    return broken({ number: 1, sentence: `There are records before ${start.number}, where the trail was pruned.` })
  const places = new Map(seals.map(seal => [seal.number, seal]))
  let here: TrailPlace = start
  for await (const links of readTrail(db, start.number)) {
    const found = followTrail(here, links)
    const other = links.find(link => !sealFits(places, link) || !timeFits(link))
    if (isBreak(found) && (!other || found.number <= other.number)) return broken(found)
    if (other)
      return broken({ number: other.number, sentence: `Record ${other.number} is not the one that was written: ${whyNot(other)}.` })
    here = found as TrailPlace
    report.records += links.length
  }
  return { ...report, broken: endOf(here, head, seals) }
}

const sealFits = (seals: Map<number, TrailSeal>, { number, hash }: StoredLink) => seals.get(number)?.hash.equals(hash) ?? true
const timeFits = ({ record, at }: StoredLink) => (JSON.parse(record) as { at?: string }).at === at.toISOString()
const whyNot = (link: StoredLink) => (timeFits(link) ? 'the chain was written anew since it was sealed' : 'its time is not the one it says')

/** The last records can be taken away without a gap: the head and the seals remember them. */
function endOf(here: TrailPlace, head: TrailPlace, seals: TrailSeal[]): TrailBreak | null {
  const last = Math.max(head.number, seals.at(-1)?.number ?? 0)
  if (here.number < last) return { number: here.number + 1, sentence: `Record ${here.number + 1} is missing: the trail had ${last}.` }
  if (here.number > head.number) return { number: head.number + 1, sentence: `Record ${head.number + 1} was put in after the end.` }
  return here.hash.equals(head.hash)
    ? null
    : { number: head.number, sentence: `Record ${head.number} is not the one that the trail ends with.` }
}
