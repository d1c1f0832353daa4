import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { openStream, sealStream } from '../../src/pki/sealedStream.ts'

const key = randomBytes(32)
const bound = Buffer.from('the header')
const chunk = 64 * 1024
const sealedChunk = chunk + 16

async function* cut(bytes: Buffer, every: number) {
  for (let from = 0; from < bytes.length; from += every) yield bytes.subarray(from, from + every)
}
const all = async (source: AsyncIterable<Buffer>) => buffer(source)
const seal = (plain: Buffer, every = 50_000) => all(sealStream(cut(plain, every), key, bound))
const open = (sealed: Buffer, { every = 70_000, behind = bound, by = key } = {}) => all(openStream(cut(sealed, every), by, behind))
const refused = (sealed: Buffer, given = {}) => assert.rejects(open(sealed, given), { code: 'BAD_SIGNATURE' })

describe('a sealed stream', () => {
  it('gives back what went in, however it was cut on either way', () =>
    fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.nat(300_000), fc.constantFrom(0, 1, chunk - 1, chunk, chunk + 1, 2 * chunk)),
        fc.integer({ min: 500, max: 200_000 }),
        fc.integer({ min: 500, max: 200_000 }),
        async (length, in_, out) => {
          const plain = randomBytes(length)
          assert.deepEqual(await open(await seal(plain, in_), { every: out }), plain)
        },
      ),
      { numRuns: 60 },
    ))

  it('does not open where any of its bits was changed', async () => {
    const sealed = await seal(randomBytes(150_000))
    await fc.assert(
      fc.asyncProperty(fc.nat(sealed.length - 1), fc.nat(7), async (at, bit) => {
        const changed = Buffer.from(sealed)
        changed[at]! ^= 1 << bit
        await refused(changed)
      }),
      { numRuns: 60 },
    )
  })

  it('does not open where it was cut short anywhere', async () => {
    const sealed = await seal(randomBytes(3 * chunk))
    const anywhere = fc.oneof(fc.nat(sealed.length - 1), fc.constantFrom(0, sealedChunk, 2 * sealedChunk))
    await fc.assert(
      fc.asyncProperty(anywhere, length => refused(sealed.subarray(0, length))),
      { numRuns: 60 },
    )
    await assert.rejects(open(sealed.subarray(0, sealedChunk)), /cut short: its end is missing/)
  })

  it('does not open with its chunks in another order, one twice, one left out, or something after its end', async () => {
    const sealed = await seal(randomBytes(3 * chunk + 5))
    const [a, b, c, d] = [0, 1, 2, 3].map(index => sealed.subarray(index * sealedChunk, (index + 1) * sealedChunk))
    for (const parts of [[b, a, c, d], [a, a, b, c, d], [a, c, d], [a, b, c, d, d], [a, b, c, d, Buffer.alloc(1)], [d]])
      await refused(Buffer.concat(parts as Buffer[]))
  })

  it('gives on nothing of a chunk that does not open, and all of those before it', async () => {
    const plain = randomBytes(2 * chunk)
    const sealed = await seal(plain)
    sealed[sealedChunk + 7]! ^= 1
    const given: Buffer[] = []
    await assert.rejects(async () => {
      for await (const piece of openStream(cut(sealed, 10_000), key, bound)) given.push(piece)
    })
    assert.deepEqual(Buffer.concat(given), plain.subarray(0, chunk))
  })

  it('does not open behind another header, nor with another key', async () => {
    const sealed = await seal(randomBytes(10))
    await refused(sealed, { behind: Buffer.from('the headeR') })
    await refused(sealed, { by: randomBytes(32) })
  })
})
