import assert from 'node:assert/strict'
import fc from 'fast-check'
import { publicKeyOf, readCertificate } from '../../src/pki/certificate.ts'
import { issueIdCertificate, type PreparedIdCertificate, prepareIdCertificate } from '../../src/pki/idCertificate.ts'
import { type KeyPair, makeP256Key } from '../../src/pki/keys.ts'
import { partOf } from '../../src/pki/names.ts'
import { day, hour, later } from '../../src/rules/clock.ts'
import { makeTestAccount, makeTestCloud, type TestAccount } from '../support/authorities.ts'

const now = new Date('2026-03-01T12:00:00Z')

describe('an ID certificate', () => {
  let account: TestAccount
  let key: KeyPair
  before(async () => {
    account = await makeTestAccount(await makeTestCloud(now), now)
    key = await makeP256Key()
  })
  const prepare = (changes: object = {}, at = now) =>
    prepareIdCertificate(
      account.authority,
      { publicKey: key.publicKey, product: 'EX-R1000', productInstanceId: 'p-1', udis: ['urn:udi:A:B'], ...changes },
      at,
    )

  it('has its number before it is signed', async () => {
    const prepared = prepare()
    const issued = await issueIdCertificate(prepared)
    assert.equal(issued.serial, prepared.serial)
    assert.equal(readCertificate(issued.pem).serial, prepared.serial)
    assert.deepEqual(readCertificate(issued.der).pem, issued.pem)
  })

  it('holds 365 days from now and from an hour before, for products whose clock is behind, and says so to the second', async () => {
    const issued = await issueIdCertificate(prepare({}, later(now, 350)))
    const { notBefore, notAfter } = readCertificate(issued.pem)
    assert.deepEqual([notBefore, notAfter], [later(now, -hour), later(now, 365 * day)])
    assert.deepEqual([issued.notBefore, issued.notAfter], [notBefore, notAfter])
  })

  it('carries the key it was asked for', async () => {
    assert.ok(publicKeyOf((await issueIdCertificate(prepare())).der).equals(key.publicKey))
  })

  it('has a number that is positive, fits 63 bits and is never the same', () => {
    const serials = Array.from({ length: 300 }, () => BigInt(prepare().serial))
    assert.ok(serials.every(serial => serial > 0n && serial < 2n ** 63n))
    assert.equal(new Set(serials).size, serials.length)
  })

  it('reads back every name that was written', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }), async product => {
        const read = readCertificate((await issueIdCertificate(prepare({ product }))).pem)
        assert.equal(partOf(read.subject, 'CN'), [...product.toWellFormed()].slice(0, 64).join(''))
        assert.deepEqual(read.uris, ['urn:udi:A:B'])
      }),
      { numRuns: 30 },
    )
  })

  it('is refused once the certificate of the account has ended', () => {
    assert.doesNotThrow(() => prepare({}, later(now, 365 * day)))
    assert.throws(() => prepare({}, later(now, 365 * day + 1)), { code: 'ACCOUNT_EXPIRED' })
  })

  for (const udis of [[], ['EX-R1000'], ['urn:udi:EX:Füchslein'], ['urn:udi:EX:FOX\n'], ['urn:udi:A:B', 'https://example.com/']]) {
    it(`is refused for the devices ${JSON.stringify(udis)}`, () => {
      assert.throws(() => prepare({ udis }), { code: 'MALFORMED', field: 'device_list' })
    })
  }

  it('cannot be signed from anything that was not prepared', () => {
    const forged = { serial: '1', issue: undefined } as unknown as PreparedIdCertificate
    assert.throws(() => issueIdCertificate(forged))
    // @ts-expect-error what looks like a prepared certificate is none for the compiler either
    const lookalike: PreparedIdCertificate = { serial: '1', issue: async () => ({}) as never }
    assert.ok(lookalike)
  })
})
