import { createHash } from 'node:crypto'
import type { Dependency } from './dependencies.ts'

const purl = ({ name, version }: Pick<Dependency, 'name' | 'version'>) => `pkg:npm/${name.replace('@', '%40')}@${version}`

/** npm's integrity is the hash in base64; CycloneDX wants it in hexadecimal digits. */
function hashesOf({ integrity }: Dependency) {
  const [algorithm, digest] = integrity.split('-')
  return algorithm === 'sha512' && digest ? [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }] : []
}

const license = (words: string) => (/[ ()]/.test(words) ? { expression: words } : { license: { id: words } })

/** What the release is made of, in CycloneDX 1.6: "an SBOM (CycloneDX) with each release". The same input gives the same text. */
export function billOfMaterials(
  release: { version: string; createdAt: string; license: string; node: { version: string; sha256: string } | undefined },
  dependencies: Dependency[],
): string {
  const { version, createdAt, node } = release
  const own = `pkg:generic/quartermaster@${version}`
  const npm = dependencies.map(dependency => ({
    type: 'library',
    'bom-ref': `${purl(dependency)}#${dependency.folder}`,
    name: dependency.name,
    version: dependency.version,
    purl: purl(dependency),
    hashes: hashesOf(dependency),
    licenses: dependency.license ? [license(dependency.license)] : [],
  }))
  const platform = node && {
    type: 'platform',
    'bom-ref': `pkg:generic/node@${node.version}`,
    name: 'node',
    version: node.version,
    purl: `pkg:generic/node@${node.version}`,
    hashes: [{ alg: 'SHA-256', content: node.sha256 }],
    licenses: [license('MIT')],
  }
  const components = platform ? [platform, ...npm] : npm
  const bom = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(`${own} ${JSON.stringify(components)}`)}`,
    version: 1,
    metadata: {
      timestamp: createdAt,
      component: { type: 'application', 'bom-ref': own, name: 'quartermaster', version, purl: own, licenses: [license(release.license)] },
    },
    components,
    dependencies: [{ ref: own, dependsOn: components.map(component => component['bom-ref']) }],
  }
  return `${JSON.stringify(bom, null, 2)}\n`
}

/** A UUID of what is in it (version 8), so that it is the same when the release is made again. */
function uuidOf(text: string): string {
  const hash = createHash('sha256').update(text).digest('hex')
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-a${hash.slice(17, 20)}-${hash.slice(20, 32)}`
}
