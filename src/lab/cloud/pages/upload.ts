import { pipeline } from 'node:stream'
import { Busboy, type BusboyHeaders } from '@fastify/busboy'
import type { Request } from 'express'
import { LARGEST_FILE } from '../../../wire/container/format.ts'
import { CloudRefusal } from '../refusal.ts'

/** The file of a form, as it comes; one that is too large ends one byte after the limit, and is refused by whoever opens it. */
export function readUpload(request: Request): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    const reader = new Busboy({
      headers: request.headers as BusboyHeaders,
      limits: { files: 1, fields: 4, fieldSize: 1024, parts: 5, fileSize: LARGEST_FILE + 1 },
    })
    reader.on('file', (_name: string, stream: NodeJS.ReadableStream) => stream.on('data', (part: Buffer) => parts.push(part)))
    pipeline(request, reader, (error: Error | null | undefined) => {
      if (error) reject(new CloudRefusal('FILE_MALFORMED', 'The upload broke off. Send it once more.'))
      else resolve(Buffer.concat(parts))
    })
  })
}
