/** Where a page of a list begins or ends: the values of its sort columns, the last of which no two rows share. */
export type Cursor = (string | number)[]

/** Which part of a list is asked for: `size` rows after one place, or before another, or from the start. */
export type Slice = { size: number; after?: Cursor | undefined; before?: Cursor | undefined }

/** A part of a list, and the places that the neighbouring parts are found by. */
export type Page<Row> = { rows: Row[]; next: Cursor | null; previous: Cursor | null }

/** A column that a list is sorted by: its SQL, its type, and the way it runs. */
export type SortColumn = { sql: string; type: 'text' | 'uuid' | 'bigint' | 'integer' | 'date' }

/** A cursor as text for a URL. */
export const encodeCursor = (cursor: Cursor): string => Buffer.from(JSON.stringify(cursor)).toString('base64url')

const fits: Record<SortColumn['type'], (value: unknown) => boolean> = {
  text: value => typeof value === 'string' && !value.includes('\0'),
  uuid: value => typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value),
  bigint: value => Number.isSafeInteger(value),
  date: value => typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value)),
  integer: value => Number.isInteger(value) && Math.abs(value as number) < 2 ** 31,
}

/** Reads a cursor that fits these columns; anything else is none, and the list begins at its start. */
export function decodeCursor(text: unknown, columns: SortColumn[]): Cursor | undefined {
  if (typeof text !== 'string' || text === '' || text.length > 2000) return undefined
  try {
    const values: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    const right = Array.isArray(values) && values.length === columns.length && columns.every(({ type }, index) => fits[type](values[index]))
    return right ? (values as Cursor) : undefined
  } catch {
    return undefined
  }
}

/**
 * The condition, order and bindings that cut a slice out of a list ("keyset paging: 0.5–5 ms at any depth"). The slice before a place is
 * read backwards from it; `pageOf` turns it round again. One row more than asked for tells whether the list goes on.
 */
export function keyset(columns: SortColumn[], descending: boolean, slice: Slice) {
  const backwards = slice.before !== undefined
  const down = descending !== backwards
  const cursor = slice.before ?? slice.after
  const names = columns.map(({ sql }) => sql).join(', ')
  const places = columns.map(({ type }, index) => `:cursor${index}::${type}`).join(', ')
  return {
    condition: cursor ? `(${names}) ${down ? '<' : '>'} (${places})` : 'true',
    order: columns.map(({ sql }) => `${sql} ${down ? 'desc' : 'asc'}`).join(', '),
    bindings: { limit: slice.size + 1, ...Object.fromEntries((cursor ?? []).map((value, index) => [`cursor${index}`, value])) },
  }
}

/** Makes the page of what `keyset` selected. */
export function pageOf<Row>(found: Row[], slice: Slice, cursorOf: (row: Row) => Cursor): Page<Row> {
  const goesOn = found.length > slice.size
  const rows = found.slice(0, slice.size)
  if (slice.before) rows.reverse()
  const [first, last] = [rows[0], rows.at(-1)]
  const hasNext = slice.before ? true : goesOn
  const hasPrevious = slice.before ? goesOn : slice.after !== undefined
  return { rows, next: hasNext && last ? cursorOf(last) : null, previous: hasPrevious && first ? cursorOf(first) : null }
}
