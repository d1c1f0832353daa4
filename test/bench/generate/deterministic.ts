import { createHash } from 'node:crypto'

/** 32 bytes that follow from a text: what stands in the place of chance, so that the same call makes the same rows. */
export const bytesOf = (text: string): Buffer => createHash('sha256').update(text).digest()

/** A UUID that follows from a text. */
export function deterministicUuid(text: string): string {
  const hex = bytesOf(text).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** A whole number below `limit` that follows from a text. */
export const numberBelow = (limit: number, text: string): number => bytesOf(text).readUInt32BE() % limit
