import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { Readable, type Transform } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { Refusal, refuseUnless } from '../../src/rules/refusal.ts'
import { type Manifest, type members as memberNames, type ReleaseFile, manifest as schema } from './manifest.ts'
import { signerOf } from './releaseKey.ts'
import { type Member, readTar } from './tar.ts'

/** A release whose signature, and whose every byte, was found good. */
export type VerifiedRelease = { manifest: Manifest; signedBy: string }

/** What is done with the files of the tree as they come; each has been checked when `file` is called again, or `readRelease` returns. */
export type Unpacker = {
  begin(release: VerifiedRelease): Promise<void>
  file(file: ReleaseFile, content: AsyncIterable<Buffer>): Promise<void>
}

/** More than any manifest of ours has, and than a tree may have. */
const largestManifest = 16 * 1024 * 1024
const largestTree = 4 * 1024 ** 3

const noRelease = () => new Refusal('FILE_MALFORMED', 'This is not a release of Quartermaster, or it is damaged at its beginning.', 'file')
const altered = (what: string) =>
  new Refusal('BAD_SIGNATURE', `The release was altered, or damaged on its way: ${what} is not what was signed. Fetch it again.`, 'file')

/**
 * Reads a release from its beginning to its end: the signature first, by one of the keys that are believed, then every byte against what was
 * signed. Nothing is unpacked but by `unpack`, which gets only what the signed manifest names, and nothing at all before its signature is good:
 * "signature and hashes are verified before anything is unpacked". Refuses what is no release, was signed by somebody else, was altered or cut short.
 */
export async function readRelease(path: string, believed: readonly string[], unpack?: Unpacker): Promise<VerifiedRelease> {
  const archive = readTar(openArchive(path))
  try {
    const bytes = await take(archive, 'manifest.json', largestManifest)
    const signature = await take(archive, 'manifest.sig', 64)
    const release = checkManifest(bytes, signature, believed)
    await unpack?.begin(release)
    for (const part of release.manifest.parts) {
      const member = await nextOf(archive, part.name)
      if (member.bytes !== part.bytes) throw altered(part.name)
      const content = checked(member.content, part.sha256, part.name)
      if (part.name === 'tree.tar.gz') await readTree(content, release.manifest.files, unpack)
      else for await (const _ of content);
    }
    if (!(await archive.next()).done) throw altered('what follows its tree')
    return release
  } finally {
    await archive.return(undefined)
  }
}

async function* openArchive(path: string): AsyncGenerator<Buffer> {
  try {
    for await (const piece of createReadStream(path, { highWaterMark: 1024 * 1024 })) yield piece
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw code ? new Refusal('NOT_FOUND', `The release ${path} cannot be read (${code}).`, 'file') : error
  }
}

async function nextOf(archive: AsyncGenerator<Member>, name: (typeof memberNames)[number]): Promise<Member> {
  const { value, done } = await archive.next()
  if (done || value.name !== name) throw noRelease()
  return value
}

async function take(archive: AsyncGenerator<Member>, name: 'manifest.json' | 'manifest.sig', most: number): Promise<Buffer> {
  const member = await nextOf(archive, name).catch(error => {
    throw error instanceof Refusal && error.code === 'FILE_MALFORMED' ? noRelease() : error
  })
  if (member.bytes > most) throw noRelease()
  const pieces: Buffer[] = []
  for await (const piece of member.content) pieces.push(piece)
  return Buffer.concat(pieces)
}

/** The signature is looked at before a word of the manifest is. */
function checkManifest(bytes: Buffer, signature: Buffer, believed: readonly string[]): VerifiedRelease {
  const signedBy = signerOf(bytes, signature, believed)
  if (!signedBy) {
    const words =
      'The release is signed by a key that the installed release does not know, or its manifest was altered. Nothing of it was unpacked.'
    throw new Refusal('UNTRUSTED_CERT', words, 'file')
  }
  const { format } = JSON.parse(bytes.toString()) as { format?: unknown }
  refuseUnless(
    format === 1,
    'UNSUPPORTED_VERSION',
    `The release has format ${String(format)}, which the installed release cannot read. Upgrade to a release in between first.`,
    'file',
  )
  const read = schema.safeParse(JSON.parse(bytes.toString()))
  if (!read.success) {
    const where = read.error.issues[0]!.path.join('.')
    throw new Refusal('FILE_MALFORMED', `The release is signed, but what its manifest says at "${where}" may not be.`, 'file')
  }
  const manifest = read.data
  const total = manifest.files.reduce((sum, file) => sum + file.bytes, 0)
  refuseUnless(total <= largestTree, 'FILE_TOO_LARGE', 'The release is larger than any release may be.', 'file')
  return { manifest, signedBy }
}

/** Passes bytes on, and breaks off at their end where they are not what was signed. */
async function* checked(content: AsyncIterable<Buffer>, sha256: string, what: string): AsyncGenerator<Buffer> {
  const hash = createHash('sha256')
  for await (const piece of content) {
    hash.update(piece)
    yield piece
  }
  if (hash.digest('hex') !== sha256) throw altered(what)
}

async function* inflated(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip: Transform = createGunzip()
  const source = Readable.from(content, { objectMode: false })
  source.on('error', error => gunzip.destroy(error)).pipe(gunzip)
  try {
    yield* gunzip
    // What stands behind the end of the compressed bytes has to be what was signed, too.
    source.unpipe(gunzip)
    for await (const _ of source);
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw altered('its tree')
  } finally {
    source.destroy()
  }
}

/** The files of the tree: those that the manifest names, in its order, each of its length and hash, and no other. */
async function readTree(content: AsyncIterable<Buffer>, files: Manifest['files'], unpack: Unpacker | undefined): Promise<void> {
  const tree = readTar(inflated(content))
  for (const file of files) {
    const { value, done } = await tree.next()
    if (done || value.name !== file.path || value.bytes !== file.bytes || value.mode !== file.mode) throw altered(file.path)
    const bytes = checked(value.content, file.sha256, file.path)
    if (unpack) await unpack.file(file, bytes)
    else for await (const _ of bytes);
  }
  if (!(await tree.next()).done) throw altered('what follows its last file')
}
