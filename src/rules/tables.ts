import { csvLine } from './csv.ts'

/** What stands in a cell of an export. */
export type Cell = string | number | Date | null

/** A column of an export: its heading in CSV, its name in JSON, and how its value is read from a row. */
export type Column<Row> = { heading: string; name: string; value(row: Row): Cell }

export const fileKinds = ['csv', 'json'] as const
export type FileKind = (typeof fileKinds)[number]

/** What each kind of file is called on the wire. */
export const fileTypes: Record<FileKind, string> = { csv: 'text/csv; charset=utf-8', json: 'application/json' }

/** Rows as the text of a file, as they come: one batch is held at a time. */
export const asText = <Row>(kind: FileKind, columns: Column<Row>[], batches: AsyncIterable<Row[]>): AsyncGenerator<string> =>
  kind === 'csv' ? asCsv(columns, batches) : asJson(columns, batches)

async function* asCsv<Row>(columns: Column<Row>[], batches: AsyncIterable<Row[]>): AsyncGenerator<string> {
  yield csvLine(columns.map(column => column.heading))
  for await (const rows of batches) yield rows.map(row => csvLine(columns.map(column => column.value(row)))).join('')
}

async function* asJson<Row>(columns: Column<Row>[], batches: AsyncIterable<Row[]>): AsyncGenerator<string> {
  let between = '[\n'
  for await (const rows of batches) {
    const texts = rows.map(row => JSON.stringify(objectOf(columns, row)))
    if (texts.length > 0) yield between + texts.join(',\n')
    if (texts.length > 0) between = ',\n'
  }
  yield between === '[\n' ? '[]\n' : '\n]\n'
}

/** A row as an object, by the names of its columns. */
export const objectOf = <Row>(columns: Column<Row>[], row: Row): Record<string, Cell> =>
  Object.fromEntries(columns.map(column => [column.name, column.value(row)]))
