import { gunzip, gzip } from 'node:zlib'

export const compress = (text: string) =>
  new Promise<Buffer>((done, fail) => gzip(text, (error, bytes) => (error ? fail(error) : done(bytes))))

/** What `bytes` inflate to. It stops at more than `atMost` bytes, with an error whose code is ERR_BUFFER_TOO_LARGE. */
export const inflate = (bytes: Buffer, atMost: number) =>
  new Promise<Buffer>((done, fail) => gunzip(bytes, { maxOutputLength: atMost }, (error, text) => (error ? fail(error) : done(text))))
