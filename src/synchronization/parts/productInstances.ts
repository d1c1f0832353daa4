import type { Withheld } from '../../rules/exchanges.ts'
import type { Db } from '../../storage/db.ts'
import { readRemovedProductInstances, readToldProductInstances } from '../../storage/reportedProductInstances.ts'

/**
 * `products` of a request, as pieces of JSON text: "standard: `{added[],changed[],removed[]}` since `base_sequence`; full: `{all[]}`". The
 * database makes the items, some at a time, so that 300,000 never stand in memory together.
 */
export async function* writeProducts(
  tx: Db,
  localAccountId: number,
  { full, withheld }: { full: boolean; withheld: Withheld },
): AsyncGenerator<string> {
  const told = (which: 'all' | 'added' | 'changed') => readToldProductInstances(tx, localAccountId, { which, withheld })
  if (full) {
    yield* list('{"all":[', told('all'))
  } else {
    yield* list('{"added":[', told('added'))
    yield* list('],"changed":[', told('changed'))
    yield* list('],"removed":[', readRemovedProductInstances(tx, localAccountId))
  }
  yield ']}'
}

async function* list(opening: string, chunks: AsyncGenerator<string[]>): AsyncGenerator<string> {
  let before = opening
  for await (const items of chunks) {
    yield before + items.join(',')
    before = ','
  }
  if (before === opening) yield opening
}
