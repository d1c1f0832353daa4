import assert from 'node:assert/strict'
import fc from 'fast-check'
import { fileNameOf, readFile } from '../../src/cloud/file.ts'

describe("a courier's file", () => {
  const exchange = { kind: 'standard' as const, sequence: 7 }

  it('is called by its account, its number and what it is', () => {
    assert.equal(fileNameOf({ name: 'Plant 7' }, exchange, 'request'), 'Plant-7-7.sync-request.json')
    assert.equal(fileNameOf({ name: 'Zürich' }, { kind: 'registration', sequence: 0 }, 'response'), 'Zürich-0.registration-response.json')
    assert.equal(fileNameOf({ name: '../../etc' }, exchange, 'request'), 'etc-7.sync-request.json')
  })

  it('has a name that stands in no folder and in no header but its own, whatever the account is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), name => {
        assert.match(fileNameOf({ name }, exchange, 'request'), /^[\p{L}\p{N}][\p{L}\p{N}.-]*-7\.sync-request\.json$/u)
      }),
    )
  })

  const parts = async function* (...sizes: number[]) {
    for (const size of sizes) yield Buffer.alloc(size)
  }

  it('is taken in as it comes, up to its largest size', async () => {
    assert.equal((await readFile(parts(10, 10), 20)).length, 20)
    await assert.rejects(readFile(parts(10, 11), 20), { code: 'FILE_TOO_LARGE' })
    let asked = 0
    const endless = (async function* () {
      for (;;) {
        asked++
        yield Buffer.alloc(10)
      }
    })()
    await assert.rejects(readFile(endless, 20), { code: 'FILE_TOO_LARGE' })
    assert.equal(asked, 3, 'nothing more is read than the limit takes')
  })

  it('waits for its turn where two are on their way', async () => {
    let go = () => {}
    const gate = new Promise<void>(resolve => {
      go = resolve
    })
    const slow = async function* () {
      await gate
      yield Buffer.alloc(1)
    }
    const two = [readFile(slow()), readFile(slow())]
    await assert.rejects(readFile(parts(1)), { code: 'TOO_MANY' })
    go()
    await Promise.all(two)
    assert.equal((await readFile(parts(1))).length, 1)
  })
})
