import { z } from 'zod'
import { refuseUnless } from '../rules/refusal.ts'
import { type Listing, partsOf } from '../storage/listings/listing.ts'
import { type Cursor, decodeCursor, encodeCursor } from '../storage/pages/keyset.ts'
import { text, whole } from './fields.ts'
import type { Answer } from './route.ts'
import { Rows } from './send.ts'

const most = 1000

/** "Lists page by `limit` (at most 1,000, or −1 streamed) and `offset`, and beyond that by a cursor" (api.md). */
export const paging = {
  limit: whole(-1, most).default(most),
  offset: whole(0, 1_000_000_000).default(0),
  cursor: text(2000).optional(),
}
export type Paging = z.output<z.ZodObject<typeof paging>>

/** What a list's answer has beside the list. */
export const listAnswer = { totalRecords: z.int(), nextCursor: z.string().nullable() }

/** The answer with one part of a list, or all of it from there on: then it is streamed, and a part of it is held at a time. */
export async function answerList<Row>(
  name: string,
  listing: Listing<Row>,
  { limit, offset, cursor }: Paging,
  show: (row: Row) => object,
): Promise<Answer> {
  const after = readCursor(listing, cursor)
  const totalRecords = await listing.count()
  if (limit === -1) return { [name]: new Rows(shown(partsOf(listing, { offset, after }), show)), totalRecords, nextCursor: null }
  const found = await listing.read({ size: limit, offset, after })
  const rows = found.slice(0, limit)
  const last = rows.at(-1)
  const nextCursor = found.length > limit && last ? encodeCursor(listing.cursorOf(last)) : null
  return { [name]: rows.map(show), totalRecords, nextCursor }
}

/** Where a cursor says that the list goes on. Refuses one that belongs to no list like this. */
function readCursor<Row>({ columns }: Listing<Row>, cursor: string | undefined): Cursor | undefined {
  if (cursor === undefined || cursor === '') return undefined
  const after = decodeCursor(cursor, columns)
  refuseUnless(after, 'INVALID', 'cursor: Does not belong to this list. Take nextCursor of an answer, as it stands.', 'cursor')
  return after
}

async function* shown<Row>(parts: AsyncIterable<Row[]>, show: (row: Row) => object): AsyncGenerator<object[]> {
  for await (const rows of parts) yield rows.map(show)
}
