import type { SecretBox } from '../../pki/secretBox.ts'
import type { TrailPlace } from '../../rules/trail.ts'
import type { Db } from '../../storage/db.ts'
import { deleteTrailUpTo, findLastLinkBefore, findTrailHead, putTrailSeal, type TrailSeal } from '../../storage/trail.ts'

const purpose = 'trail seal'
const textOf = ({ number, hash }: TrailPlace) => `${number} ${hash.toString('hex')}`

/** Whether a seal was made by this server, for the place that it stands at. */
export function sealHolds(secrets: SecretBox, seal: TrailSeal): boolean {
  try {
    return secrets.open(seal.seal, purpose).toString() === textOf(seal)
  } catch {
    return false
  }
}

/** Seals where the chain ends now: from here on not even somebody who writes the whole chain anew changes what lies before without its showing. */
export async function sealTrail(tx: Db, secrets: SecretBox, now: Date): Promise<void> {
  const head = await findTrailHead(tx)
  if (head.number > 0) await keepSeal(tx, secrets, head, now, false)
}

/**
 * Takes away the records from before a time. The last of them becomes an anchor under the server key, from which verification starts: what is
 * pruned is told apart from what somebody took away. Gives how many records went.
 */
export async function pruneTrail(tx: Db, secrets: SecretBox, { now, before }: { now: Date; before: Date }): Promise<number> {
  const last = await findLastLinkBefore(tx, before)
  if (!last) return 0
  await keepSeal(tx, secrets, last, now, true)
  return deleteTrailUpTo(tx, last.number)
}

const keepSeal = (tx: Db, secrets: SecretBox, { number, hash }: TrailPlace, now: Date, anchor: boolean) =>
  putTrailSeal(tx, { number, hash, sealedAt: now, seal: secrets.seal(textOf({ number, hash }), purpose), anchor })
