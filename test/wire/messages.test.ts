import assert from 'node:assert/strict'
import { openRequest } from '../../src/wire/envelope.ts'
import { Malformed } from '../../src/wire/malformed.ts'
import { parseReplyData, parseRequestData, type RequestType } from '../../src/wire/messages/index.ts'
import { devicesOf } from '../../src/wire/messages/registration.ts'
import { golden } from './golden.ts'

const dataOf = (file: string) => openRequest(golden(`${file}.request.json`)).data
const registration = dataOf('registration')
const authorization = dataOf('authorization')
const conversion = dataOf('conversion')
const tag = registration.software_tag_identifier as string

/** Each change of a well-formed message, and the path it is refused at. */
function refuses(type: RequestType, wellFormed: object, changes: [change: object, path: string][]) {
  parseRequestData(type, wellFormed)
  for (const [change, path] of changes) {
    assert.throws(
      () => parseRequestData(type, { ...wellFormed, ...change }),
      (error: Malformed) => error instanceof Malformed && error.path === path,
      `${JSON.stringify(change).slice(0, 100)} at ${path}`,
    )
  }
}

const device = (change: object = {}) => ({ ...(registration.device_list as object[])[0], ...change })
const standby = device({ role: 'Standby', sudi: { udi_pid: 'EX-R1000', udi_serial_number: 'FOX0000BBBB' } })

describe('REGISTRATION', () => {
  it('gives token, tag, request and devices', () => {
    const request = parseRequestData('REGISTRATION', registration)
    assert.equal(request.id_token, 'ZjM2MzQ3ZTItNTk4Yi00ZDNh%3D')
    assert.equal(request.force, false)
    assert.equal(request.hostname, 'edge-1')
    assert.equal(request.device_list?.[0]?.sudi.udi_vid, null)
  })

  it('is one active device with the header’s sudi when it lists none', () => {
    const { header } = openRequest(golden('registration.request.json'))
    const request = parseRequestData('REGISTRATION', { ...registration, device_list: null, hostname: undefined, force: null })
    assert.deepEqual(devicesOf(request, header.sudi), [{ sudi: header.sudi, hostname: null, software_tag_identifier: tag, role: 'Active' }])
  })

  it('may be a pair or a stack of sixteen', () => {
    const list = [device(), standby, ...Array.from({ length: 14 }, (_, i) => device({ role: 'Member', sudi: { uuid: `member-${i}` } }))]
    const request = parseRequestData('REGISTRATION', { ...registration, device_list: list })
    assert.equal(request.device_list?.length, 16)
  })

  it('has a hostname only when there is something in it', () => {
    assert.equal(parseRequestData('REGISTRATION', { ...registration, hostname: '' }).hostname, null)
    assert.equal(parseRequestData('REGISTRATION', { ...registration, hostname: 'ä'.repeat(255) }).hostname?.length, 255)
  })

  it('is refused at the member that is wrong', () => {
    const csr = registration.csr as string
    refuses('REGISTRATION', registration, [
      [{ id_token: undefined }, 'id_token'],
      [{ id_token: '' }, 'id_token'],
      [{ id_token: 't'.repeat(256) }, 'id_token'],
      [{ software_tag_identifier: 'EX-R1000' }, 'software_tag_identifier'],
      [{ software_tag_identifier: tag.replace(/_.*/, '_no-uuid') }, 'software_tag_identifier'],
      [{ csr: null }, 'csr'],
      [{ csr: 'MIIC' }, 'csr'],
      [{ csr: csr.replaceAll('REQUEST', 'REQUESTS') }, 'csr'],
      [{ csr: csr + csr }, 'csr'],
      [{ csr: csr.replace('MII', 'M'.repeat(8192)) }, 'csr'],
      [{ hostname: 'h'.repeat(256) }, 'hostname'],
      [{ hostname: 'a\0b' }, 'hostname'],
      [{ hostname: 7 }, 'hostname'],
      [{ force: 'yes' }, 'force'],
      [{ device_list: [] }, 'device_list'],
      [{ device_list: Array.from({ length: 17 }, () => device()) }, 'device_list'],
      [{ device_list: [device({ role: 'Standby' })] }, 'device_list'],
      [{ device_list: [device(), device({ role: 'Member' })] }, 'device_list'],
      [{ device_list: [device(), { ...standby, role: 'Active' }] }, 'device_list'],
      [{ device_list: [device({ role: 'Boss' })] }, 'device_list[0].role'],
      [{ device_list: [device(), device({ ...standby, sudi: { udi_pid: 'P' } })] }, 'device_list[1].sudi'],
      [{ device_list: [device({ sudi: { udi_pid: 'a\nb', udi_serial_number: 'S' } })] }, 'device_list[0].sudi.udi_pid'],
    ])
  })

  it('names everything that is wrong with it, at most sixteen things', () => {
    try {
      parseRequestData('REGISTRATION', { hostname: 7 })
      assert.fail('nothing was refused')
    } catch (error) {
      assert.ok(error instanceof Malformed)
      assert.deepEqual(JSON.parse(error.text), {
        id_token: ['Is required.'],
        software_tag_identifier: ['Is required.'],
        csr: ['Is required.'],
        hostname: ['Must be of type string.'],
      })
    }
    const wrong = Array.from({ length: 100 }, () => ({ tag: '', count: -1 }))
    assert.throws(
      () => parseRequestData('AUTHORIZATION', { entitlement_version: 1, entitlements: wrong }),
      (error: Malformed) => error.problems.length === 16,
    )
  })
})

describe('AUTHORIZATION', () => {
  it('gives the complete usage, which may be none', () => {
    assert.deepEqual(parseRequestData('AUTHORIZATION', authorization), {
      entitlement_version: 7,
      entitlements: [{ tag: 'regid.2020-01.com.example.ADV,1.0_11111111-1111-4111-8111-111111111111', version: '1.0', count: 3 }],
    })
    assert.deepEqual(parseRequestData('AUTHORIZATION', { entitlement_version: 0, entitlements: [] }).entitlements, [])
  })

  it('takes a tag nobody knows: that is INVALID_TAG, not malformed', () => {
    const use = { tag: 'no such tag', version: null, count: 2 ** 31 - 1 }
    assert.deepEqual(parseRequestData('AUTHORIZATION', { entitlement_version: 1, entitlements: [use] }).entitlements, [use])
  })

  it('is refused at the member that is wrong', () => {
    const use = (change: object) => ({ entitlements: [{ ...(authorization.entitlements as object[])[0], ...change }] })
    refuses('AUTHORIZATION', authorization, [
      [{ entitlement_version: -1 }, 'entitlement_version'],
      [{ entitlement_version: 1.5 }, 'entitlement_version'],
      [{ entitlement_version: '7' }, 'entitlement_version'],
      [{ entitlements: null }, 'entitlements'],
      [use({ count: -1 }), 'entitlements[0].count'],
      [use({ count: 2 ** 31 }), 'entitlements[0].count'],
      [use({ count: null }), 'entitlements[0].count'],
      [use({ count: '3' }), 'entitlements[0].count'],
      [use({ tag: '' }), 'entitlements[0].tag'],
      [use({ tag: 't'.repeat(256) }), 'entitlements[0].tag'],
      [{ entitlements: Array.from({ length: 1001 }, (_, i) => ({ tag: `t${i}`, count: 1 })) }, 'entitlements'],
      [
        {
          entitlements: [
            { tag: 'a', count: 1 },
            { tag: 'a', count: 2 },
          ],
        },
        'entitlements',
      ],
    ])
  })
})

describe('the shorter messages', () => {
  it('are refused at the member that is wrong', () => {
    refuses('REGISTRATION_ACK', { id_cert_serial_number: '16451298' }, [
      [{ id_cert_serial_number: 16451298 }, 'id_cert_serial_number'],
      [{ id_cert_serial_number: '0xfb' }, 'id_cert_serial_number'],
      [{ id_cert_serial_number: '1'.repeat(50) }, 'id_cert_serial_number'],
    ])
    refuses('ID_CERT_RENEWAL', { csr: registration.csr }, [[{ csr: 'x' }, 'csr']])
    refuses('POLL', { poll_id: 1, action: 'registration' }, [
      [{ poll_id: '1' }, 'poll_id'],
      [{ poll_id: 2 ** 53 }, 'poll_id'],
      [{ action: null }, 'action'],
    ])
  })

  it('of DEREGISTRATION and HELLO need nothing and ignore the rest', () => {
    assert.deepEqual(parseRequestData('DEREGISTRATION', { sudi: {}, extra: 1 }), {})
    assert.deepEqual(parseRequestData('HELLO', {}), {})
  })
})

describe('DLC', () => {
  it('gives the lines of a conversion', () => {
    const request = parseRequestData('DLC', conversion)
    assert.deepEqual(request.conversions[0], {
      line: 1,
      source: 'RTU',
      sku: 'EX-ADV-RTU',
      feature: 'advanced',
      count: 2,
      tag: null,
      serial: 'FOX0000AAAA',
      proof: null,
    })
  })

  it('is refused at the member that is wrong', () => {
    const line = (change: object) => ({ conversions: [{ ...(conversion.conversions as object[])[0], ...change }] })
    refuses('DLC', conversion, [
      [{ conversion_id: 'mine' }, 'conversion_id'],
      [{ conversions: [] }, 'conversions'],
      [line({ source: 'GIFT' }), 'conversions[0].source'],
      [line({ count: 0 }), 'conversions[0].count'],
      [line({ line: 'one' }), 'conversions[0].line'],
      [{ conversions: [...line({}).conversions, ...line({}).conversions] }, 'conversions'],
    ])
  })
})

describe('a reply’s data', () => {
  it('is read by the client as strictly as the server reads a request', () => {
    const reply = {
      entitlement_version: 7,
      overall_status: 'AUTHORIZED',
      entitlements: [
        { tag: 'a', requested_count: 1, authorized_count: 1, out_of_compliance_count: 0, insufficient_count: 0, status: 'IN_COMPLIANCE' },
      ],
      renew_at: 1,
      deadline: 2,
    }
    assert.equal(parseReplyData('AUTHORIZATION', reply).entitlements[0]?.display_name, null)
    assert.throws(() => parseReplyData('AUTHORIZATION', { ...reply, overall_status: 'FINE' }), /response_data.overall_status/)
    assert.throws(() => parseReplyData('DLC', null), /response_data/)
  })
})
