import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import { isoDay } from '../../rules/clock.ts'
import { asText, type FileKind, fileTypes } from '../../rules/tables.ts'
import type { Db } from '../../storage/db.ts'
import { partsOf } from '../../storage/listings/listing.ts'
import type { Attachment } from '../../storage/mails.ts'
import type { Scope } from '../../storage/pages/scope.ts'
import type { Report, ReportQuestion } from './report.ts'

/** A file up to this size goes as it is; a larger one is compressed. */
const mostPlain = 1024 * 1024
/** What mail servers commonly take, less a third for the encoding of mail. */
const mostCompressed = 7 * 1024 * 1024

/**
 * A report as the file of a mail. It is written through gzip and only that is held, so that a report of any length takes some megabytes; undefined
 * where even that would be too large for a mail.
 */
export async function reportAttachment(
  db: Db,
  { report, scope, question, kind, now }: { report: Report; scope: Scope; question: ReportQuestion; kind: FileKind; now: Date },
): Promise<Attachment | undefined> {
  const plain: Buffer[] = []
  let length = 0
  const text = Readable.from(asText(kind, report.columns, partsOf(report.list(db, scope, question, now))))
  const zipped = text
    .map((piece: string) => {
      const bytes = Buffer.from(piece)
      length += bytes.length
      if (length <= mostPlain) plain.push(bytes)
      return bytes
    })
    .compose(createGzip())
  const compressed: Buffer[] = []
  let size = 0
  for await (const piece of zipped) {
    size += piece.length
    if (size > mostCompressed) return undefined
    compressed.push(piece)
  }
  const name = `${report.name}-${isoDay(now)}.${kind}`
  if (length <= mostPlain) return { name, type: fileTypes[kind], content: Buffer.concat(plain) }
  return { name: `${name}.gz`, type: 'application/gzip', content: Buffer.concat(compressed) }
}
