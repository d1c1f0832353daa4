import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { makeRelease } from './makeRelease.ts'
import { fingerprintOf, newReleaseKey, publicHalf } from './releaseKey.ts'

const help = `npm run release -- --version X.Y.Z [options]: makes quartermaster-X.Y.Z.qmr

  --key FILE            the private key that signs it ("npm run release:key"); without one it is signed by a key that is made and thrown away,
                        and nothing but itself will ever be taken for its successor
  --next-key FILE       a key, or its public half, that the next release may be signed with
  --from X.Y.Z          the oldest release that it may take over from
  --date ISO            when it was made, as it says (default: the moment of the last commit)
  --to DIR              where the archive goes (default: var/releases)
`

const source = resolve(import.meta.dirname, '../..')

/** The moment of the last commit: whoever makes the release again from it gets the same bytes. */
const lastCommit = () => execFileSync('git', ['log', '-1', '--format=%cI'], { cwd: source, encoding: 'utf8' }).trim()

const { values } = parseArgs({
  options: {
    version: { type: 'string' },
    key: { type: 'string' },
    'next-key': { type: 'string' },
    from: { type: 'string' },
    date: { type: 'string' },
    to: { type: 'string', default: 'var/releases' },
    help: { type: 'boolean', short: 'h' },
  },
})

if (values.help || !values.version) {
  process.stdout.write(help)
  process.exitCode = values.help ? 0 : 2
} else {
  const key = values.key ? readFileSync(values.key, 'utf8') : newReleaseKey().privateKey
  const { path, manifest } = await makeRelease({
    source,
    version: values.version,
    createdAt: new Date(values.date ?? lastCommit()),
    key,
    nextKey: values['next-key'] && readFileSync(values['next-key'], 'utf8'),
    folder: resolve(values.to),
    node: { file: join(source, `node_modules/node-${process.platform}-${process.arch}/bin/node`), version: process.version.slice(1) },
    ...(values.from && { upgradesFrom: values.from }),
  })
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0)
  process.stdout.write(`${path}\n${manifest.files.length} files, ${Math.round(bytes / 1e6)} MB, schema ${manifest.schema}\n`)
  process.stdout.write(`signed by ${fingerprintOf(publicHalf(key))}${values.key ? '' : ', a key that is thrown away'}\n`)
}
