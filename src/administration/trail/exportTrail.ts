import { createPublicKey } from 'node:crypto'
import type { Context } from '../../context.ts'
import { openKey } from '../../pki/authority.ts'
import { sign } from '../../pki/signature.ts'
import { type TrailPlace, trailStart } from '../../rules/trail.ts'
import { getServerIdentity } from '../../storage/serverIdentity.ts'
import { findTrailHead, listTrailSeals, readTrail } from '../../storage/trail.ts'

/** What a signature over the end of an export is taken of. */
export const signedText = (serverUuid: string, { number, hash }: TrailPlace): string =>
  `Quartermaster trail 1\n${serverUuid}\n${number}\n${hash.toString('hex')}\n`

/** `trail-<UTC time>.jsonl`. */
export const nameOfExport = (at: Date): string => `trail-${at.toISOString().replace(/[-:.]/g, '')}.jsonl`

/**
 * The whole trail as lines of JSON: a first line that says whose it is and where the chain begins, a line for each record with its number and hash,
 * and a last one with the chain's end under this server's signature (RSA or ECDSA with SHA-256). Whoever has the file can verify it without us: each
 * hash is SHA-256 of the hash before, the number, a line end and the record's text.
 */
export async function* exportTrail({ storage, secrets, clock }: Context): AsyncGenerator<string> {
  const { serverUuid, signingKey } = await getServerIdentity(storage.db)
  const key = openKey(secrets, signingKey, 'server signing key')
  const tx = await storage.db.transaction({ isolationLevel: 'repeatable read', readOnly: true })
  try {
    const start = (await listTrailSeals(tx)).findLast(({ anchor }) => anchor) ?? trailStart
    const head = await findTrailHead(tx)
    yield line({ format: 'Quartermaster trail 1', serverUuid, exportedAt: clock.now(), after: placeOf(start) })
    for await (const links of readTrail(tx, start.number)) yield links.map(link => line({ ...placeOf(link), record: link.record })).join('')
    const signature = (await sign(key, signedText(serverUuid, head))).toString('base64')
    const publicKey = createPublicKey(key).export({ type: 'spki', format: 'pem' })
    yield line({ head: placeOf(head), signature, publicKey })
  } finally {
    await tx.rollback()
  }
}

const line = (value: object) => `${JSON.stringify(value)}\n`
const placeOf = ({ number, hash }: TrailPlace) => ({ number, hash: hash.toString('hex') })
