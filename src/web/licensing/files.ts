import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { isoDay } from '../../rules/clock.ts'
import type { AccountVisit } from '../visit.ts'
import { csvLine } from './csv.ts'

/** A column of an export: its heading in CSV, its name in JSON, and how its value is read from a row. */
export type Column<Row> = { heading: string; name: string; value(row: Row): string | number | Date | null }

export const fileKinds = ['csv', 'json'] as const
export type FileKind = (typeof fileKinds)[number]

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
  response.type(kind === 'csv' ? 'text/csv; charset=utf-8' : 'application/json')
  response.set('Content-Disposition', `attachment; filename="${name}-${isoDay(now)}.${kind}"`)
  const text = kind === 'csv' ? asCsv(columns, batches) : asJson(columns, batches)
  await pipeline(Readable.from(text), response).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  })
}

async function* asCsv<Row>(columns: Column<Row>[], batches: AsyncIterable<Row[]>): AsyncGenerator<string> {
  yield csvLine(columns.map(column => column.heading))
  for await (const rows of batches) yield rows.map(row => csvLine(columns.map(column => column.value(row)))).join('')
}

async function* asJson<Row>(columns: Column<Row>[], batches: AsyncIterable<Row[]>): AsyncGenerator<string> {
  let between = '[\n'
  for await (const rows of batches) {
    const texts = rows.map(row => JSON.stringify(Object.fromEntries(columns.map(column => [column.name, column.value(row)]))))
    if (texts.length > 0) yield between + texts.join(',\n')
    if (texts.length > 0) between = ',\n'
  }
  yield between === '[\n' ? '[]\n' : '\n]\n'
}
