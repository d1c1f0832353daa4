import assert from 'node:assert/strict'
import fc from 'fast-check'
import { decodeBase64, decodeBase64Url } from '../../src/wire/base64.ts'
import { Malformed } from '../../src/wire/malformed.ts'
import { normaliseToken } from '../../src/wire/token.ts'
import { fullSudi, isTag, productName, sudi, sudiKey, tagVersion, udiText, udiUrn } from '../../src/wire/udi.ts'

const udi = (pid: string, serialNumber: string) => fullSudi({ udi_pid: pid, udi_serial_number: serialNumber })

describe('a product’s identity', () => {
  it('reads as a router prints it', () => {
    assert.equal(udiText(udi('EX-R1000', 'FOX0000AAAA')), 'PID:EX-R1000,SN:FOX0000AAAA')
    assert.equal(udiText(fullSudi({ uuid: 'f00d' })), 'UUID:f00d')
  })

  it('is a URN in certificates', () => {
    assert.equal(udiUrn(udi('EX-R1000', 'FOX0000AAAA')), 'urn:udi:EX-R1000:FOX0000AAAA')
    assert.equal(udiUrn(udi('EX4331/K9', 'a:b c')), 'urn:udi:EX4331/K9:a%3Ab%20c')
    assert.equal(udiUrn(fullSudi({ uuid: 'F00D' })), 'urn:uuid:F00D')
    assert.match(udiUrn(udi('ä', '😀')), /^[\x21-\x7e]+$/)
  })

  it('is text that a URN can hold: half a character is none', () => {
    assert.equal(sudi.safeParse(udi('\ud800', 'A')).success, false)
    assert.equal(sudi.safeParse(udi('😀', 'A')).success, true)
    // Rules over a whole list look at devices that are wrong as well.
    assert.equal(udiUrn({ ...udi('EX', 'A'), udi_serial_number: null }), 'urn:udi:EX:null')
    assert.equal(udiUrn(udi('\ud800', 'A')), 'urn:udi:%EF%BF%BD:A')
  })

  it('is the same for the same product id and serial number, whatever else is known, and for no other', () => {
    const part = fc.string({ unit: fc.constantFrom('a', ':', '%', '3', 'A', '/', 'é'), minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(part, part, part, part, (pid, serialNumber, otherPid, otherSerialNumber) => {
        const same = pid === otherPid && serialNumber === otherSerialNumber
        const other = { ...udi(otherPid, otherSerialNumber), uuid: 'f00d', udi_vid: 'V01' }
        assert.equal(sudiKey(udi(pid, serialNumber)) === sudiKey(other), same)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('a tag', () => {
  const tag = 'regid.2020-01.com.example.EX-R1000,1.0_00000000-0000-4000-8000-000000000001'

  it('names its product and its version', () => {
    assert.equal(productName(tag), 'EX-R1000')
    assert.equal(tagVersion(tag), '1.0')
    assert.equal(tagVersion(tag.replace(',1.0_', ',v1_')), 'v1')
  })

  it('is a regid with a date, a domain, a name, a version and a UUID', () => {
    assert.ok(isTag(tag))
    for (const wrong of [
      '',
      'EX-R1000',
      tag.replace('2020-01', '2020'),
      tag.replace(',1.0', ''),
      tag.replace(/_.*/, ''),
      `${tag}0`,
      tag.replace('EX-R1000', 'EX R1000'),
      `${tag}\n`,
      tag.replace('com.example', `${'x.'.repeat(120)}example`),
    ]) {
      assert.equal(isTag(wrong), false, wrong)
    }
    assert.throws(() => productName('EX-R1000'), Malformed)
  })
})

describe('a token as it was pasted', () => {
  const token = 'ZjM2MzQ3ZTItNTk4Yi00ZDNhLTk3OTItMTc2MDAwMDAwMDAwMHxh+/8=='

  it('is the token, with or without URL-encoding and line breaks', () => {
    const broken = token.replace(/(.{20})/g, '$1\n')
    for (const pasted of [
      token,
      `${token}\n`,
      `${token}%0A`,
      `${token}\r\n`,
      encodeURIComponent(token),
      encodeURIComponent(broken),
      ` ${broken} `,
    ]) {
      assert.equal(normaliseToken(pasted), token)
    }
  })

  it('is left alone when it only looks encoded', () => {
    assert.equal(normaliseToken('50%'), '50%')
    assert.equal(normaliseToken('%ff'), '%ff')
  })
})

describe('base64', () => {
  it('comes back, in both alphabets', () => {
    fc.assert(
      fc.property(fc.uint8Array(), bytes => {
        const buffer = Buffer.from(bytes)
        assert.ok(decodeBase64(buffer.toString('base64').replace(/(.{8})/g, '$1\r\n'))?.equals(buffer))
        assert.ok(decodeBase64Url(buffer.toString('base64url'))?.equals(buffer))
      }),
    )
  })

  it('is refused when it is cut short or has anything else in it', () => {
    for (const text of ['QQ', 'QQ=', 'QUI', 'Q===', 'QUJD=', '====', 'QU-_', 'QU JD!', 'Q=UJ']) assert.equal(decodeBase64(text), null, text)
    for (const text of ['Q', 'QUJDR', 'QQ==', 'QU+/', 'QU\nJD']) assert.equal(decodeBase64Url(text), null, text)
  })
})
