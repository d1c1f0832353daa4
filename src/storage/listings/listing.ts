import type { Cursor, SortColumn } from '../pages/keyset.ts'

/** Which part of a list is read: so many rows, some left out, after one place or from the start. */
export type Part = { size: number; offset: number; after?: Cursor | undefined }

/**
 * A list of the API: it can be counted, read by parts at any depth, and gone on from any row. `columns` is what it is sorted by, the last of which
 * no two rows share; `read` gives one row more than the part has where the list goes on.
 */
export type Listing<Row> = {
  columns: SortColumn[]
  cursorOf(row: Row): Cursor
  count(): Promise<number>
  read(part: Part): Promise<Row[]>
}
