import { z } from 'zod'
import { versionPattern } from './versions.ts'

const sha256 = z.string().regex(/^[\da-f]{64}$/)

/** A relative path of plain names: no "..", no name that begins with "-" or a dot, nothing that a terminal or a shell would mind. */
const path = z.string().regex(/^[A-Za-z\d_@][\w@.+-]*(\/[A-Za-z\d_@][\w@.+-]*)*$/)

const part = z.strictObject({ name: z.enum(['sbom.cdx.json', 'tree.tar.gz']), bytes: z.int().min(0), sha256 })
const file = z.strictObject({ path: path.max(250), bytes: z.int().min(0), sha256, mode: z.union([z.literal(0o644), z.literal(0o755)]) })

/** What a release says of itself, and what its signature is over. */
export const manifest = z.strictObject({
  format: z.literal(1),
  product: z.literal('quartermaster'),
  version: z.string().regex(versionPattern),
  createdAt: z.iso.datetime(),
  /** What it runs on, as the platform and the processor are named by Node. */
  runsOn: z.string().max(40),
  /** The newest migration it carries. */
  schema: z.int().min(1),
  /** The oldest release that it can take over from. */
  upgradesFrom: z.string().regex(versionPattern),
  /** What is new, for the person who decides. */
  notes: z.string().max(200_000),
  /** What stands in the archive behind the manifest and its signature. */
  parts: z.array(part).length(2),
  /** The tree, in the order of its tar. */
  files: z.array(file).min(1).max(50_000),
})
export type Manifest = z.infer<typeof manifest>
export type ReleaseFile = Manifest['files'][number]

/** The names of the archive's members, in their order. */
export const members = ['manifest.json', 'manifest.sig', 'sbom.cdx.json', 'tree.tar.gz'] as const

/** What an archive is called. */
export const archiveEnding = '.qmr'
export const archiveName = (version: string): string => `quartermaster-${version}${archiveEnding}`
