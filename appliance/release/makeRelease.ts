import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { makeFolder } from '../../src/folders.ts'
import { refuseUnless } from '../../src/rules/refusal.ts'
import { listDependencies } from './dependencies.ts'
import { archiveName, type Manifest, manifest as schema } from './manifest.ts'
import { nextKeyFile, publicHalf, releaseKeyFile, signManifest } from './releaseKey.ts'
import { billOfMaterials } from './sbom.ts'
import { type Member, writeTar } from './tar.ts'
import { bytesOf, listTree, type TreeFile } from './tree.ts'
import { checkVersion, compareVersions } from './versions.ts'

export type ReleaseWish = {
  /** The source tree, with its dependencies installed as its lock file says. */
  source: string
  version: string
  /** When it was made, as it will say; the same moment gives the same bytes. */
  createdAt: Date
  /** The private key in PEM. */
  key: string
  /** The public half of the key that the next release may be signed with. */
  nextKey?: string | undefined
  /** The folder for the archive. */
  folder: string
  /** The program that becomes `bin/node`. */
  node: { file: string; version: string }
  upgradesFrom?: string
  /** Files that stand in the place of those of the source, or beside them. */
  more?: TreeFile[]
  /** How hard to compress, from 1 to 9. */
  effort?: number
}

/** The first release that upgrades by archive: its database says which code may work on it. */
const firstWithArchives = '0.1.0'

/**
 * Makes a release: the tree with production dependencies and its Node, an SBOM, and a manifest with the hash of every byte, signed. Nobody's clock,
 * user or umask is in it: the same input gives the same bytes. Refuses a version that is none, and dependencies that are not those of the lock file.
 */
export async function makeRelease(wish: ReleaseWish): Promise<{ path: string; manifest: Manifest }> {
  checkVersion(wish.version)
  const upgradesFrom = checkVersion(wish.upgradesFrom ?? firstWithArchives)
  refuseUnless(compareVersions(upgradesFrom, wish.version) <= 0, 'INVALID', 'A release cannot upgrade from a newer one.', 'upgradesFrom')
  const dependencies = listDependencies(wish.source)
  const description = JSON.parse(readFileSync(join(wish.source, 'package.json'), 'utf8'))
  const createdAt = wish.createdAt.toISOString()
  const node = { version: wish.node.version, sha256: hashOf(readFileSync(wish.node.file)).digest('hex') }
  const sbom = Buffer.from(billOfMaterials({ version: wish.version, createdAt, license: description.license, node }, dependencies))
  const tree = listTree(wish.source, dependencies, [
    ...partsOfItsOwn(wish, sbom, description),
    { path: 'bin/node', mode: 0o755, from: wish.node.file },
    ...(wish.more ?? []),
  ])
  makeFolder(wish.folder)
  const drafts = mkdtempSync(join(wish.folder, '.release-'))
  try {
    const seconds = Math.floor(wish.createdAt.getTime() / 1000)
    const packed = await packTree(join(drafts, 'tree.tar.gz'), tree, seconds, wish.effort ?? 6)
    const manifest = schema.parse({
      format: 1,
      product: 'quartermaster',
      version: wish.version,
      createdAt,
      runsOn: `${process.platform}-${process.arch}`,
      schema: newestMigration(tree),
      upgradesFrom,
      notes: notesOf(readFileSync(join(wish.source, 'CHANGELOG.md'), 'utf8'), wish.version),
      parts: [{ name: 'sbom.cdx.json', bytes: sbom.length, sha256: hashOf(sbom).digest('hex') }, packed.part],
      files: packed.files,
    } satisfies Record<keyof Manifest, unknown>)
    const path = join(wish.folder, archiveName(wish.version))
    await writeArchive(path, manifest, wish.key, sbom, join(drafts, 'tree.tar.gz'), seconds)
    return { path, manifest }
  } finally {
    rmSync(drafts, { recursive: true, force: true })
  }
}

const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes)

/** The version that it says of itself, its SBOM, and the keys that the next release is held against. */
function partsOfItsOwn(wish: ReleaseWish, sbom: Buffer, description: object): TreeFile[] {
  const text = (path: string, words: string): TreeFile => ({ path, mode: 0o644, from: Buffer.from(words) })
  return [
    text('package.json', `${JSON.stringify({ ...description, version: wish.version }, null, 2)}\n`),
    { path: 'sbom.cdx.json', mode: 0o644, from: sbom },
    text(releaseKeyFile, publicHalf(wish.key)),
    ...(wish.nextKey ? [text(nextKeyFile, publicHalf(wish.nextKey))] : []),
  ]
}

function newestMigration(tree: TreeFile[]): number {
  const numbers = tree.map(({ path }) => Number(/^sql\/(\d{4})_\w+\.sql$/.exec(path)?.[1] ?? 0))
  return Math.max(...numbers)
}

/** What the changelog says of this version, or of what is not released yet. */
function notesOf(changelog: string, version: string): string {
  const sections = changelog.split(/^## /m).slice(1)
  const section = sections.find(each => each.startsWith(`[${version}]`)) ?? sections.find(each => /^\[?Unreleased/i.test(each)) ?? ''
  return section.slice(section.indexOf('\n') + 1).trim()
}

/** Packs the tree; says what is in it, and what it came to. */
async function packTree(path: string, tree: TreeFile[], seconds: number, effort: number) {
  const files: Manifest['files'] = []
  const members = function* (): Generator<Member> {
    for (const file of tree) {
      const bytes = bytesOf(file)
      files.push({ path: file.path, bytes: bytes.length, sha256: hashOf(bytes).digest('hex'), mode: file.mode })
      yield { name: file.path, bytes: bytes.length, mode: file.mode, content: one(bytes) }
    }
  }
  await pipeline(Readable.from(writeTar(members(), seconds), { objectMode: false }), createGzip({ level: effort }), createWriteStream(path))
  const hash = createHash('sha256')
  for await (const piece of createReadStream(path)) hash.update(piece)
  return { files, part: { name: 'tree.tar.gz' as const, bytes: statSync(path).size, sha256: hash.digest('hex') } }
}

async function* one(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}

async function writeArchive(path: string, manifest: Manifest, key: string, sbom: Buffer, tree: string, seconds: number): Promise<void> {
  const bytes = Buffer.from(`${JSON.stringify(manifest)}\n`)
  const plain = (name: string, content: Buffer): Member => ({ name, bytes: content.length, mode: 0o644, content: one(content) })
  const members: Member[] = [
    plain('manifest.json', bytes),
    plain('manifest.sig', signManifest(bytes, key)),
    plain('sbom.cdx.json', sbom),
    { name: 'tree.tar.gz', bytes: statSync(tree).size, mode: 0o644, content: createReadStream(tree) },
  ]
  await pipeline(Readable.from(writeTar(members, seconds), { objectMode: false }), createWriteStream(path))
}
