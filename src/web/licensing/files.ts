import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { isoDay } from '../../rules/clock.ts'
import { asText, type Column, type FileKind, fileTypes } from '../../rules/tables.ts'
import type { AccountVisit } from '../visit.ts'

/**
 * Sends rows as a file, as they come: a batch is written before the next is asked for, and whoever leaves in the middle ends it.
 * `name` becomes the file's, with the day.
 */
export async function sendFile<Row>(
  visit: AccountVisit,
  kind: FileKind,
  name: string,
  columns: Column<Row>[],
  batches: AsyncIterable<Row[]>,
): Promise<void> {
  const { response, now } = visit
  response.type(fileTypes[kind])
  response.set('Content-Disposition', `attachment; filename="${name}-${isoDay(now)}.${kind}"`)
  await pipeline(Readable.from(asText(kind, columns, batches)), response).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  })
}
