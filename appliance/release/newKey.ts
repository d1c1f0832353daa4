import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { putFile } from '../../src/files.ts'
import { fingerprintOf, newReleaseKey } from './releaseKey.ts'

/** `npm run release:key -- FILE`: a pair of keys for signing releases, the private half for its owner alone. */
const [name] = process.argv.slice(2)
if (!name || name.startsWith('-')) {
  process.stderr.write('Say where the private key goes: npm run release:key -- FILE. Its public half is put beside it, as FILE.pub.\n')
  process.exitCode = 2
} else if (existsSync(name)) {
  process.stderr.write(`${name} is there already, and a key that releases were signed with must not be lost. Name another file.\n`)
  process.exitCode = 1
} else {
  const { privateKey, publicKey } = newReleaseKey()
  putFile(resolve(name), privateKey)
  putFile(resolve(`${name}.pub`), publicKey)
  process.stdout.write(`${name} signs releases; keep it offline. Its fingerprint is ${fingerprintOf(publicKey)}.\n`)
}
