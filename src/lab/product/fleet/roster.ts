import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { type KeyPool, makeKeyPool, pemsOf } from './keyPool.ts'
import { type Kept, type Seat, type Shared, type SharedTable, sharedTable } from './seat.ts'

/**
 * A fleet between two runs: its keys, and what each of its products remembers. `tags` are those that products made by somebody else use; `absent`:
 * those that were in a run before, and are not in this one.
 */
export type Roster = {
  name: string
  root: string
  tags: string[]
  pool: KeyPool
  table: SharedTable
  seats: Seat[]
  absent: readonly (Kept | null)[]
}

const header = z.object({
  format: z.literal('fleet/1'),
  name: z.string(),
  root: z.string(),
  keys: z.array(z.string()),
  tags: z.array(z.string()).default([]),
  shared: z.array(z.custom<Shared>(value => typeof value === 'object' && value !== null)),
})
const fileIn = (folder: string) => join(folder, 'fleet.ndjson')

/**
 * The fleet of `folder` with `count` products and at least `keys` keys: those it knows from its runs before, and new ones. One that was registered
 * under another licensing root is forgotten, because its servers are gone.
 */
export async function openRoster(folder: string, { count, keys, root }: { count: number; keys: number; root: string }): Promise<Roster> {
  const rootHash = hashOfRoot(root)
  const known = await readRoster(folder)
  const kept = known?.head.root === rootHash ? known : undefined
  const name = kept?.head.name ?? randomBytes(3).toString('hex').toUpperCase()
  const seats = Array.from({ length: count }, (_, number): Seat => ({ number, kept: kept?.lines[number] ?? null, open: null }))
  const [tags, absent] = [kept?.head.tags ?? [], kept?.lines.slice(count) ?? []]
  return {
    name,
    root: rootHash,
    tags,
    pool: await makeKeyPool(keys, kept?.head.keys),
    table: sharedTable(kept?.head.shared),
    seats,
    absent,
  }
}

/** By what a roster knows the licensing root that its products are pinned to. */
export const hashOfRoot = (pem: string): string => createHash('sha256').update(pem).digest('hex')

async function readRoster(folder: string): Promise<{ head: z.infer<typeof header>; lines: (Kept | null)[] } | undefined> {
  const lines: (Kept | null)[] = []
  let head: z.infer<typeof header> | undefined
  try {
    for await (const line of createInterface({ input: createReadStream(fileIn(folder)) })) {
      if (head) lines.push(JSON.parse(line))
      else head = header.parse(JSON.parse(line))
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new Error(`${fileIn(folder)} holds no fleet: remove it, or name another folder with --state.`)
  }
  return head && { head, lines }
}

/** Keeps the fleet for its next run. The file holds private keys and is for its owner's eyes alone. */
export async function saveRoster(folder: string, { name, root, tags, pool, table, seats, absent }: Roster): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const file = await open(`${fileIn(folder)}.new`, 'w', 0o600)
  try {
    await file.write(`${JSON.stringify({ format: 'fleet/1', name, root, keys: pemsOf(pool), tags, shared: table.all() })}\n`)
    const all = [...seats.map(({ kept }) => kept), ...absent]
    for (let start = 0; start < all.length; start += 1000) {
      const lines = all.slice(start, start + 1000).map(kept => `${JSON.stringify(kept)}\n`)
      await file.write(lines.join(''))
    }
  } finally {
    await file.close()
  }
  await rename(`${fileIn(folder)}.new`, fileIn(folder))
}
