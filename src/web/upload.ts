import { pipeline, type Readable } from 'node:stream'
import { Busboy, type BusboyHeaders } from '@fastify/busboy'
import type { Request } from 'express'
import { readFile } from '../cloud/file.ts'
import { Refusal, refuseUnless } from '../rules/refusal.ts'
import { LARGEST_FILE } from '../wire/container/format.ts'
import { checkForgery } from './csrf.ts'
import type { Visitor } from './visit.ts'

/** One file, and a few short fields. */
const limits = { files: 1, fields: 8, fieldSize: 4096, parts: 10, headerPairs: 20 }

const files = new WeakMap<Request, Buffer>()

/** The file of a form that was read; empty where none was chosen. */
export const uploadedFile = (request: Request): Buffer => files.get(request) ?? Buffer.alloc(0)

/** Reads a form with a file as it comes: its fields into `request.body`, as every form's, and its file apart. */
export async function readUpload(request: Request, largest = LARGEST_FILE): Promise<void> {
  if (!request.is('multipart/form-data')) return
  // Whoever is refused sends the rest all the same, because a browser shows no answer before it has: it is read, and forgotten.
  const read = (file: Readable) => readFile(file.iterator({ destroyOnReturn: false }), largest)
  files.set(request, (await readParts(request, largest, read)) ?? Buffer.alloc(0))
}

/**
 * Reads a form whose file is too large for memory: `keep` takes it as it comes, and what it gives is given. The form's token stands before the file, and
 * nothing of the file is taken before it is known to be ours. Refuses a form without a file.
 */
export async function receiveUpload<T>(visitor: Visitor, largest: number, keep: (file: Readable) => Promise<T>): Promise<T> {
  const { request } = visitor
  const take = async (file: Readable) => {
    checkForgery(visitor)
    return { kept: await keep(file) }
  }
  const read = request.is('multipart/form-data') ? await readParts(request, largest, take) : undefined
  checkForgery(visitor)
  refuseUnless(read, 'INVALID', 'Choose a file.', 'file')
  return read.kept
}

const brokenOff = () => new Refusal('INVALID', 'The upload cannot be read, or broke off. Send the form once more.', 'file')

/** Puts the fields into `request.body` as they come, and gives the file to `take`. Undefined where there is none. */
function readParts<T>(request: Request, largest: number, take: (file: Readable) => Promise<T>): Promise<T | undefined> {
  const fields: Record<string, string> = {}
  request.body = fields
  return new Promise((resolve, reject) => {
    let taken: Promise<T | undefined> = Promise.resolve(undefined)
    const reader = openReader(request, largest)
    reader.on('field', (name: string, value: string) => {
      fields[name] = value
    })
    reader.on('file', (_name: string, file: Readable) => {
      taken = take(file)
      taken.catch(() => file.resume())
    })
    pipeline(request, reader, (error: Error | null | undefined) => (error ? reject(brokenOff()) : taken.then(resolve, reject)))
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
