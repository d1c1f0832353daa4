import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { putFile } from '../../src/files.ts'
import { makeFolder } from '../../src/folders.ts'
import type { Claim } from './facts.ts'

const stored = z.strictObject({
  cluster: z.string(),
  node: z.string(),
  epoch: z.number().int().min(0),
  owner: z.string().nullable(),
  mode: z.enum(['sync', 'alone']),
})

/** The claim of this node, on the disk before anything is done that rests on it ("write tmp, fsync, rename, fsync dir"). */
export type ClaimStore = { read(): Claim; write(claim: Claim): void }

/**
 * Opens `state.json` in `folder`. Without a file the node has never been of a pair: epoch 0, nobody's. Refuses a file of another pair or node, and
 * one that cannot be read, because a guess here is how two nodes come to own one epoch.
 */
export function openClaim(folder: string, { cluster, node }: { cluster: string; node: string }): ClaimStore {
  makeFolder(folder)
  const file = join(folder, 'state.json')
  let claim = readClaim(file, cluster, node)
  return {
    read: () => claim,
    write(next) {
      if (next.epoch < claim.epoch) throw new Error(`Epoch ${next.epoch} is before ${claim.epoch}, which this node has seen.`)
      putFile(file, `${JSON.stringify({ cluster, node, ...next })}\n`)
      claim = next
    },
  }
}

function readClaim(file: string, cluster: string, node: string): Claim {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { epoch: 0, owner: null, mode: 'alone' }
    throw error
  }
  const { cluster: whose, node: who, ...claim } = stored.parse(JSON.parse(text))
  if (whose !== cluster || who !== node) throw new Error(`${file} is of the node ${who} of the pair ${whose}, not of this one.`)
  return claim
}
