import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { ContainerFault, type FileCode } from '../../src/wire/container.ts'
import { openResponse } from '../../src/wire/envelope.ts'
import { catalog } from '../../src/wire/exchange/catalog.ts'
import { entitlementsDigest, usageDigest } from '../../src/wire/exchange/digests.ts'
import { parsePayload } from '../../src/wire/exchange/payloads.ts'
import { golden } from './golden.ts'

const csr = '-----BEGIN CERTIFICATE REQUEST-----\nMIICWTCCAUECAQAw\n-----END CERTIFICATE REQUEST-----\n'
const certificate = openResponse(golden('registration.response.json')).fields.signing_cert!
const hash = 'ab'.repeat(32)
const tag = 'regid.2020-01.com.example.ADV,1.0_11111111-1111-4111-8111-111111111111'
const lowerTag = 'regid.2020-01.com.example.ESS,1.0_22222222-2222-4222-8222-222222222222'
const piid = '4d47df04-ae89-4df6-bc15-d17c1a3f153f'

const common = {
  format_version: 1,
  server_uuid: '0b1d5f5e-0000-4000-8000-000000000001',
  server_version: '0.1',
  local_account_id: '0b1d5f5e-0000-4000-8000-000000000002',
  local_account_name: 'Lab',
  smart_account: { id: '123456', name: 'ACME' },
  virtual_account: { id: '456789', name: 'Lab-VA' },
  sequence: 7,
  prev_hash: hash,
  request_id: '0b1d5f5e-0000-4000-8000-000000000003',
  nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
  created_at: 1760000000000,
  not_after: 1762592000000,
}
const product = {
  product_instance_identifier: piid,
  udi_pid: 'EX-R1000',
  udi_serial_number: 'FOX0000AAAA',
  software_tag_identifier: tag,
  hostname: null,
  registered_at: 1759990000000,
  last_contact: 1759999000000,
}
/** The example of 7.6. */
const syncRequest = {
  ...common,
  type: 'sync-request',
  base_sequence: 6,
  sync_type: 'standard',
  reason: 'MANUAL',
  usage: [{ tag, version: '1.0', in_use: 42, peak: 45, out_of_compliance: 0 }],
  products: { added: [product], changed: [], removed: [piid] },
  conversions: [],
  reservations: [],
  rum: [],
  usage_digest: hash,
  account_ca_csr: null,
  server_signing_csr: null,
  resync_token: null,
  privacy: { hostname: false, ip: false, mac: false },
}
const entitlement = {
  license_id: 'L-1',
  tag,
  display_name: 'Advanced',
  license_type: 'TERM' as const,
  quantity: 50,
  start_date: 1750000000000,
  end_date: 1790000000000,
  subscription_id: null,
  export_restricted: false,
  status: 'ACTIVE',
}
const syncResponse = {
  ...common,
  type: 'sync-response',
  request_hash: hash,
  sync_type: 'standard',
  status: 'OK',
  entitlements: {
    changes: [
      { op: 'upsert', ...entitlement },
      { op: 'delete', license_id: 'L-0' },
    ],
  },
  entitlements_digest: hash,
  account_ca_cert: certificate,
  server_signing_cert: certificate,
  conversions: [],
  rum_acks: [],
  commands: [{ command: 'remove_product', product_instance_identifier: piid }, { command: 'something later' }],
  next_sync_due: 1762592000000,
}
const emptyCatalog = { tags: [], substitutions: [], conversions: [] }
const registrationResponse = {
  ...common,
  type: 'registration-response',
  sequence: 0,
  prev_hash: null,
  request_hash: hash,
  account_ca_cert: certificate,
  server_signing_cert: certificate,
  sub_ca_certs: [certificate],
  entitlements: { all: [entitlement] },
  catalog: emptyCatalog,
  policy: null,
  three_tier_cert: null,
  next_sync_due: 1762592000000,
}
const registrationRequest = {
  ...common,
  type: 'registration-request',
  sequence: 0,
  prev_hash: null,
  smart_account: { id: null, name: 'ACME' },
  virtual_account: { name: 'Lab-VA' },
  account_ca_csr: csr,
  server_signing_csr: csr,
  token_policy: null,
}

const refuses = (code: FileCode, act: () => unknown) =>
  assert.throws(act, (error: ContainerFault) => error instanceof ContainerFault && error.code === code)

describe('the payloads of an exchange', () => {
  it('are read: the example of the contract', () => {
    const payload = parsePayload('sync-request', syncRequest)
    assert.equal(payload.usage[0]?.in_use, 42)
    assert.ok(payload.sync_type === 'standard')
    assert.equal(payload.products.added[0]?.ip_address, null)
    assert.deepEqual(payload.products.removed, [piid])
  })

  it('are read: a full synchronization and its answer', () => {
    const request = parsePayload('sync-request', { ...syncRequest, sync_type: 'full', reason: 'RESTORED', products: { all: [product] } })
    assert.ok(request.sync_type === 'full')
    assert.equal(request.products.all.length, 1)
    const response = parsePayload('sync-response', { ...syncResponse, sync_type: 'full', entitlements: { all: [entitlement] } })
    assert.ok(response.sync_type === 'full')
    assert.equal(response.entitlements?.all[0]?.quantity, 50)
  })

  it('are read: changes, and commands this side does not know', () => {
    const response = parsePayload('sync-response', syncResponse)
    assert.ok(response.sync_type === 'standard')
    assert.deepEqual(
      response.entitlements?.changes.map(change => [change.op, change.license_id]),
      [
        ['upsert', 'L-1'],
        ['delete', 'L-0'],
      ],
    )
    assert.equal(response.commands[1]?.command, 'something later')
    assert.equal(response.three_tier_cert, null)
  })

  it('are read: an answer that applied nothing', () => {
    const nothing = { entitlements: null, entitlements_digest: null, account_ca_cert: null, server_signing_cert: null }
    const answer = {
      ...syncResponse,
      ...nothing,
      status: 'FULL_SYNC_REQUIRED',
      last_seq: 9,
      resync_token: 'once',
      message_code: 'CHAIN_BROKEN',
    }
    const response = parsePayload('sync-response', answer)
    assert.deepEqual([response.last_seq, response.resync_token, response.message_code], [9, 'once', 'CHAIN_BROKEN'])
  })

  it('are read: a registration and its answer', () => {
    assert.equal(parsePayload('registration-request', registrationRequest).virtual_account.id, null)
    assert.equal(parsePayload('registration-response', registrationResponse).entitlements.all.length, 1)
  })

  it('must be what the header says', () => {
    refuses('WRONG_TYPE', () => parsePayload('sync-response', syncRequest))
    refuses('WRONG_TYPE', () => parsePayload('sync-request', null))
    refuses('UNSUPPORTED_VERSION', () => parsePayload('sync-request', { ...syncRequest, format_version: 2 }))
  })

  it('are malformed when a member is missing or wrong', () => {
    for (const change of [
      { sequence: -1 },
      { sequence: 1.5 },
      { prev_hash: 'AB'.repeat(32) },
      { nonce: 'short' },
      { virtual_account: { name: 'no id' } },
      { sync_type: 'partial' },
      { sync_type: 'full' },
      { reason: 'BORED' },
      { usage: [{ tag, in_use: -1, peak: 0, out_of_compliance: 0 }] },
      { products: null },
      { usage_digest: null },
      { privacy: null },
    ]) {
      refuses('FILE_MALFORMED', () => parsePayload('sync-request', { ...syncRequest, ...change }))
    }
    refuses('FILE_MALFORMED', () => parsePayload('registration-response', { ...registrationResponse, sub_ca_certs: [] }))
    refuses('FILE_MALFORMED', () => parsePayload('sync-response', { ...syncResponse, status: 'MAYBE' }))
  })
})

describe('the catalog', () => {
  it('says what a tag means, what stands in for it and what becomes it', () => {
    const entry = { tag, display_name: 'Advanced', description: '', export_restricted: false }
    const read = catalog.parse({
      tags: [entry],
      substitutions: [{ tag, stands_in_for: lowerTag, distance: 1 }],
      conversions: [{ source: 'RTU', sku: 'EX-ADV-RTU', tag, factor: 2 }],
    })
    assert.equal(read.tags[0]?.license_type, null)
    assert.equal(read.conversions[0]?.feature, null)
  })

  it('refuses a tag that stands in for itself, and a distance below one', () => {
    for (const rule of [
      { tag, stands_in_for: tag, distance: 1 },
      { tag, stands_in_for: lowerTag, distance: 0 },
    ]) {
      assert.equal(catalog.safeParse({ ...emptyCatalog, substitutions: [rule] }).success, false)
    }
  })
})

describe('the digests', () => {
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

  it('are over sorted lines', () => {
    const usage = [
      { tag: 'b', in_use: 2 },
      { tag: 'a', in_use: 1 },
    ]
    assert.equal(usageDigest(usage, ['z', 'y']), sha256('p|y\np|z\nt|a|1\nt|b|2\n'))
    assert.equal(usageDigest([], []), sha256(''))
    assert.equal(
      entitlementsDigest([entitlement, { ...entitlement, license_id: 'L-0', start_date: null, end_date: null }]),
      sha256(`e|L-0|${tag}|TERM|50|||false\ne|L-1|${tag}|TERM|50|1750000000000|1790000000000|false\n`),
    )
  })

  it('sort by the bytes of UTF-8, not by the units of UTF-16', () => {
    const high = [
      { tag: '\u{10000}', in_use: 1 },
      { tag: '\uffee', in_use: 1 },
    ]
    assert.equal(usageDigest(high, []), sha256('t|\uffee|1\nt|\u{10000}|1\n'))
  })

  it('do not depend on the order things come in, and change with anything that counts', () => {
    const total = fc.record({ tag: fc.string({ maxLength: 3 }), in_use: fc.nat(9) })
    fc.assert(
      fc.property(fc.array(total, { minLength: 1 }), fc.array(fc.uuid()), fc.nat(), (usage, piids, turn) => {
        const turned = <T>(list: T[]) => [...list.slice(turn % (list.length || 1)), ...list.slice(0, turn % (list.length || 1))].reverse()
        const before = usageDigest(usage, piids)
        assert.equal(usageDigest(turned(usage), turned(piids)), before)
        assert.notEqual(usageDigest([{ ...usage[0]!, in_use: 10 }, ...usage.slice(1)], piids), before)
        assert.notEqual(usageDigest(usage, [...piids, piid]), before)
      }),
    )
    const before = entitlementsDigest([entitlement])
    for (const change of [
      { quantity: 51 },
      { end_date: null },
      { tag: lowerTag },
      { export_restricted: true },
      { license_type: 'DEMO' as const },
    ]) {
      assert.notEqual(entitlementsDigest([{ ...entitlement, ...change }]), before)
    }
    const worded = { ...entitlement, display_name: 'Another name', status: null }
    assert.equal(entitlementsDigest([worded]), before)
  })
})
