import { pipeline, type Readable } from 'node:stream'
import { Busboy, type BusboyHeaders } from '@fastify/busboy'
import type { Request } from 'express'
import { readFile } from '../cloud/file.ts'
import { Refusal } from '../rules/refusal.ts'
import { LARGEST_FILE } from '../wire/container/format.ts'

/** One file, and a few short fields. */
const limits = { files: 1, fields: 8, fieldSize: 4096, parts: 10, headerPairs: 20 }

const files = new WeakMap<Request, Buffer>()

/** The file of a form that was read; empty where none was chosen. */
export const uploadedFile = (request: Request): Buffer => files.get(request) ?? Buffer.alloc(0)

/** Reads a form with a file as it comes: its fields into `request.body`, as every form's, and its file apart. */
export async function readUpload(request: Request, largest = LARGEST_FILE): Promise<void> {
  if (!request.is('multipart/form-data')) return
  const fields: Record<string, string> = {}
  files.set(request, await readParts(request, fields, largest))
  request.body = fields
}

const brokenOff = () => new Refusal('INVALID', 'The upload cannot be read, or broke off. Send the form once more.', 'file')

function readParts(request: Request, fields: Record<string, string>, largest: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let file: Promise<Buffer> = Promise.resolve(Buffer.alloc(0))
    const reader = openReader(request, largest)
    reader.on('field', (name: string, value: string) => {
      fields[name] = value
    })
    reader.on('file', (_name: string, stream: Readable) => {
      // Whoever is refused sends the rest all the same, because a browser shows no answer before it has: it is read, and forgotten.
      file = readFile(stream.iterator({ destroyOnReturn: false }), largest)
      file.catch(() => stream.resume())
    })
    pipeline(request, reader, (error: Error | null | undefined) => (error ? reject(brokenOff()) : file.then(resolve, reject)))
  })
}

function openReader(request: Request, largest: number): InstanceType<typeof Busboy> {
  try {
    // A file that is longer ends one byte after the limit, which is enough to know it.
    return new Busboy({ headers: request.headers as BusboyHeaders, limits: { ...limits, fileSize: largest + 1 } })
  } catch {
    throw brokenOff()
  }
}
