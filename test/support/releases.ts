import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeRelease, type ReleaseWish } from '../../appliance/release/makeRelease.ts'
import { newReleaseKey } from '../../appliance/release/releaseKey.ts'
import { newFolder } from './folders.ts'

export function writeFiles(folder: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}

const lock = { 'node_modules/leaf': { version: '1.0.0', integrity: 'sha512-bGVhZg==', license: 'MIT' } }
const locked = { ...lock, 'node_modules/tester': { version: '2.0.0', integrity: 'sha512-dGVzdA==', dev: true } }

/** A source tree with everything that a release looks for, and hardly anything in it. */
export function smallSource(): string {
  const folder = newFolder('source')
  writeFiles(folder, {
    'package.json': '{ "name": "quartermaster", "version": "0.0.0", "license": "Apache-2.0" }',
    'package-lock.json': JSON.stringify({ packages: { '': {}, ...locked } }),
    'node_modules/.package-lock.json': JSON.stringify({ packages: locked }),
    'node_modules/leaf/package.json': '{ "name": "leaf" }',
    'node_modules/leaf/index.js': 'export default 1',
    'node_modules/leaf/README.md': 'How to develop it.',
    'node_modules/leaf/LICENSE.md': 'MIT',
    'node_modules/tester/package.json': '{ "name": "tester" }',
    'CHANGELOG.md': '# Changes\n\n## Unreleased\n\n- Something to come\n\n## [1.0.0]\n\n- The first one\n',
    LICENSE: 'Apache-2.0',
    'README.md': 'Read me.',
    'sql/0001_things.sql': 'create table things ();',
    'sql/0007_more.sql': 'create table more ();',
    'src/server.ts': `console.log('${'served '.repeat(2000)}')`,
    'test/server.test.ts': 'it works',
    bin: '#!/bin/sh\n',
  })
  return folder
}

export const aKey = newReleaseKey()

/** A release of a source tree, quickly. */
export const release = (source: string, wish: Partial<ReleaseWish> = {}) =>
  makeRelease({
    source,
    version: '1.0.0',
    createdAt: new Date('2026-01-02T03:04:05Z'),
    key: aKey.privateKey,
    folder: newFolder('releases'),
    node: { file: join(source, 'bin'), version: '24.0.0' },
    effort: 1,
    ...wish,
  })
