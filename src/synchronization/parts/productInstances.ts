import type { Withheld } from '../../rules/exchanges.ts'
import type { Db } from '../../storage/db.ts'
import { readRemovedProductInstances, readToldProductInstances } from '../../storage/reportedProductInstances.ts'

/**
 * `products` of a request, as pieces of JSON text: "standard: `{added[],changed[],removed[]}` since `base_sequence`; full: `{all[]}`". The
 * database makes the items, some at a time, so that 300,000 never stand in memory together; `written` hears how many are.
 */
export async function* writeProducts(
  tx: Db,
  localAccountId: number,
  { full, withheld, written }: { full: boolean; withheld: Withheld; written(done: number): void },
): AsyncGenerator<string> {
  let done = 0
  const count = (items: number) => {
    done += items
    written(done)
  }
  const told = (which: 'all' | 'added' | 'changed') => readToldProductInstances(tx, localAccountId, { which, withheld })
  if (full) {
    yield* list('{"all":[', told('all'), count)
  } else {
    yield* list('{"added":[', told('added'), count)
    yield* list('],"changed":[', told('changed'), count)
    yield* list('],"removed":[', readRemovedProductInstances(tx, localAccountId), count)
  }
  yield ']}'
}

async function* list(opening: string, chunks: AsyncGenerator<string[]>, count: (items: number) => void): AsyncGenerator<string> {
  let before = opening
  for await (const items of chunks) {
    yield before + items.join(',')
    count(items.length)
    before = ','
  }
  if (before === opening) yield opening
}
