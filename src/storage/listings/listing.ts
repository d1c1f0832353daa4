import type { Cursor, SortColumn } from '../pages/keyset.ts'

/** Which part of a list is read: so many rows, some left out, after one place or from the start. */
export type Part = { size: number; offset: number; after?: Cursor | undefined }

/**
 * A list of the API or of a report: it can be counted, read by parts at any depth, and gone on from any row. `columns` is what it is sorted by, the last of which
 * no two rows share; `read` gives one row more than the part has where the list goes on.
 */
export type Listing<Row> = {
  columns: SortColumn[]
  cursorOf(row: Row): Cursor
  count(): Promise<number>
  read(part: Part): Promise<Row[]>
}

/** How many rows of a list that is read whole are held at a time. */
const atOnce = 1000

/** A list from a place on, read part by part: a slow reader holds no connection, and memory holds one part. */
export async function* partsOf<Row>(
  listing: Listing<Row>,
  { offset = 0, after }: { offset?: number; after?: Cursor | undefined } = {},
): AsyncGenerator<Row[]> {
  let place = after
  for (let left = offset, goesOn = true; goesOn; left = 0) {
    const found = await listing.read({ size: atOnce, offset: left, after: place })
    goesOn = found.length > atOnce
    const rows = found.slice(0, atOnce)
    yield rows
    if (goesOn) place = listing.cursorOf(rows.at(-1)!)
  }
}
