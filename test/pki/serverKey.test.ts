import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openServerKey } from '../../src/pki/serverKey.ts'

describe('the server key', () => {
  let folder: string
  let file: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quartermaster-key-'))
    file = join(folder, 'server.key')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('is made on first use, readable by its owner alone, with nothing left beside it', () => {
    const key = openServerKey(file)
    assert.equal(key.symmetricKeySize, 32)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.deepEqual(readFileSync(file), key.export())
    assert.deepEqual(readdirSync(folder), ['server.key'])
  })

  it('is the same the next time', () => {
    assert.ok(openServerKey(file).equals(openServerKey(file)))
  })

  it('is one and the same for servers that start at the same moment', async () => {
    const module = new URL('../../src/pki/serverKey.ts', import.meta.url).href
    const program = `import { openServerKey } from '${module}'; process.stdout.write(openServerKey(process.argv[1]).export().toString('hex'))`
    const start = () => promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program, file])
    const keys = (await Promise.all([start(), start(), start()])).map(({ stdout }) => stdout)
    assert.deepEqual(keys, Array(3).fill(readFileSync(file).toString('hex')))
  })

  it('may be there already, readable by its owner and not to be changed', () => {
    writeFileSync(file, Buffer.alloc(32, 7), { mode: 0o400 })
    assert.deepEqual(openServerKey(file).export(), Buffer.alloc(32, 7))
  })

  for (const mode of [0o640, 0o604, 0o660]) {
    it(`is refused when others may touch it (${mode.toString(8)})`, () => {
      openServerKey(file)
      chmodSync(file, mode)
      assert.throws(() => openServerKey(file), {
        name: 'Refusal',
        code: 'INVALID',
        message: /can be read by others; its mode must be 0600\.$/,
      })
    })
  }

  for (const size of [0, 31, 33]) {
    it(`is refused with ${size} bytes, and left as it is`, () => {
      writeFileSync(file, Buffer.alloc(size), { mode: 0o600 })
      assert.throws(() => openServerKey(file), {
        name: 'Refusal',
        code: 'INVALID',
        message: new RegExp(`must hold 32 bytes, and holds ${size}\\.$`),
      })
      assert.equal(statSync(file).size, size)
    })
  }
})
