import type { Db } from '../db.ts'
import { keyset } from './keyset.ts'
import { matching, type ProductInstanceFilter, productInstanceSort } from './productInstanceChoice.ts'
import { type ProductInstanceRow, productInstanceColumns, productInstanceJoins } from './productInstanceRows.ts'
import type { Scope } from './scope.ts'

/** Rows that are held in memory at a time. */
const batch = 1000

/**
 * Every product instance that fits, in the order of the list, by batches. Each batch is a query of its own that begins where the one before it
 * ended: a slow reader holds no connection, and memory holds one batch.
 */
export async function* exportProductInstances(db: Db, scope: Scope, filter: ProductInstanceFilter): AsyncGenerator<ProductInstanceRow[]> {
  const matches = matching(scope, filter)
  let after: [string, string] | undefined
  do {
    const { condition, order, bindings } = keyset(productInstanceSort, filter.descending, { size: batch - 1, after })
    const result = await db.raw(
      `with chosen as (select i.* from product_instances i where ${matches.condition} and ${condition} order by ${order} limit :limit)
       select ${productInstanceColumns} from chosen i ${productInstanceJoins} order by ${order}`,
      { ...matches.bindings, ...bindings },
    )
    const rows: ProductInstanceRow[] = result.rows
    yield rows
    const last = rows.at(-1)
    after = rows.length === batch && last ? [last.name, last.id] : undefined
  } while (after)
}
