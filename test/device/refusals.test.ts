import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { turnSwitch } from '../../src/administration/turnSwitch.ts'
import { revokeRegistrationToken } from '../../src/licensing/revokeRegistrationToken.ts'
import { day, hour, minute } from '../../src/rules/clock.ts'
import { administrator, newToken } from '../support/account.ts'
import { certificateRequest } from '../support/csr.ts'
import { type OpenDoor, openTestDoor } from '../support/deviceDoor.ts'
import { type Reply, serialOf, softwareTag, type TestProduct } from '../support/product.ts'

/** Every row of the table of wire-device 5.7 that the messages of this server can meet, word for word. */
describe('what a product is told when the answer is no', () => {
  let open: OpenDoor
  let settled: TestProduct

  before(async () => {
    open = await openTestDoor()
    settled = await open.product().settle(open.token)
  })
  after(() => open.close())

  const told = ({ status, message_code, message, data }: Reply) => {
    assert.equal(data, null)
    return [status, message_code, message]
  }

  it('bad token', async () => {
    const product = open.product()
    const reply = await product.say('REGISTRATION', product.applies('BadRegistrationToken'))
    assert.deepEqual(told(reply), ['FAILED', 'TOKEN_INVALID', `{"token":["The token 'BadRegistrationToken' is not valid."]}`])
  })

  it('revoked token, of which 64 characters are repeated', async () => {
    const { token, secret } = await newToken(open.context, open.home)
    await revokeRegistrationToken(open.context, administrator, { localAccountId: open.home.account.id, id: token.id })
    const product = open.product()
    const reply = await product.say('REGISTRATION', product.applies(secret))
    assert.deepEqual(told(reply), ['FAILED', 'TOKEN_INVALID', `{"token":["The token '${secret.slice(0, 64)}' is not valid."]}`])
  })

  it('expired token', async () => {
    const { secret } = await newToken(open.context, open.home, { days: 1 })
    const product = open.product()
    open.clock.advance(day)
    const reply = await product.say('REGISTRATION', product.applies(secret))
    open.clock.advance(-day)
    assert.deepEqual(told(reply), ['FAILED', 'TOKEN_EXPIRED', `{"token":["The token '${secret.slice(0, 64)}' has expired."]}`])
  })

  it('expired or used-up token of which only the secret is wrong: no more than "not valid"', async () => {
    const { secret } = await newToken(open.context, open.home, { days: 1, maximumUses: 1 })
    await open.product().register(secret)
    const plain = Buffer.from(secret, 'base64').toString('latin1')
    const forged = Buffer.from(plain.replace(/\|.*/, `|${Buffer.alloc(32).toString('base64')}`)).toString('base64')
    open.clock.advance(2 * day)
    const product = open.product()
    const reply = await product.say('REGISTRATION', product.applies(forged))
    open.clock.advance(-2 * day)
    assert.equal(reply.message_code, 'TOKEN_INVALID')
    const { signing_certificate } = await open.context.storage.db('server_identity').first()
    assert.equal(reply.signer.toString().trim(), signing_certificate.trim(), 'and the signer tells nothing of the account')
  })

  it('token used up', async () => {
    const { secret } = await newToken(open.context, open.home, { maximumUses: 1 })
    await open.product().register(secret)
    const product = open.product()
    const reply = await product.say('REGISTRATION', product.applies(secret))
    const sentence = `{"token":["The token '${secret.slice(0, 64)}' has reached its maximum number of uses."]}`
    assert.deepEqual(told(reply), ['FAILED', 'TOKEN_USAGE_EXCEEDED', sentence])
  })

  it('already registered', async () => {
    const twin = open.product({ sudi: settled.sudi })
    const reply = await twin.say('REGISTRATION', twin.applies(open.token))
    const sentence = `{"sudi":["The product '${softwareTag}' and sudi containing udi_serial_number:${settled.sudi.udi_serial_number}, udi_pid:EX-R1000 has already been registered."]}`
    assert.deepEqual(told(reply), ['FAILED', 'ALREADY_REGISTERED', sentence])
  })

  it('unknown instance', async () => {
    const reply = await settled.say('AUTHORIZATION', settled.usage([]), { header: { id_cert_serial_number: '1' } })
    const sentence = `{"product_instance_identifier":["The identity for the instance ${settled.id} is not valid.Please re-register the instance."]}`
    assert.deepEqual(told(reply), ['FAILED', 'UNKNOWN_INSTANCE', sentence])
  })

  it('bad signature', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const reply = await settled.report([], { signer: privateKey })
    assert.deepEqual(told(reply), ['FAILED', 'BAD_SIGNATURE', '{"signature":["The message signature is not valid."]}'])
  })

  it('expired ID certificate', async () => {
    const product = await open.product().settle(open.token)
    const { db } = open.context.storage
    await db('certificates').where({ serial: product.serial }).update({ not_after: open.clock.now() })
    const reply = await product.report([])
    const sentence = `{"id_cert_serial_number":["The ID certificate ${product.serial} has expired. Please re-register the instance."]}`
    assert.deepEqual(told(reply), ['FAILED', 'ID_CERT_EXPIRED', sentence])
  })

  it('malformed, with the names of the fields', async () => {
    const reply = await settled.say('AUTHORIZATION', { entitlement_version: -1, entitlements: 'all' })
    assert.deepEqual([reply.status, reply.message_code], ['FAILED', 'MALFORMED'])
    assert.deepEqual(Object.keys(JSON.parse(reply.message!)), ['entitlement_version', 'entitlements'])
  })

  it('malformed without a nonce: HTTP 400, unsigned', async () => {
    for (const way of [{ transport: 'smart' }, { transport: 'callhome' }] as const) {
      const { status, body } = await settled.post('{"request":"{}"}', way)
      assert.equal(status, 400)
      assert.match(body, /Is required/)
      assert.doesNotMatch(body, /signature"?:/)
    }
  })

  it('malformed with a nonce: signed, and the nonce echoed', async () => {
    const reply = settled.read((await settled.post('{"signature":null,"request":"{\\"nonce\\":\\"77\\"}"}')).body)
    assert.deepEqual([reply.nonce, reply.header.nonce, reply.message_code], ['77', '77', 'MALFORMED'])
  })

  it('replay', async () => {
    const first = settled.compose('HELLO', {})
    await settled.send(first)
    const nonce = JSON.parse(JSON.parse(first).request).nonce
    const reply = await settled.say('HELLO', {}, { header: { nonce }, request: { nonce }, common: { nonce, other: 1 } })
    assert.deepEqual(told(reply), ['FAILED', 'REPLAY', '{"nonce":["The nonce has already been used."]}'])
  })

  it('clock', async () => {
    const at = (offset: number) => settled.say('HELLO', {}, { common: { timestamp: open.clock.now().getTime() + offset } })
    for (const offset of [hour + 1, -hour - 1]) {
      const reply = await at(offset)
      const sentence = '{"timestamp":["The message time differs from the server time by more than 3600 seconds."]}'
      assert.deepEqual(told(reply), ['FAILED', 'CLOCK_SKEW', sentence])
      assert.equal(reply.header.timestamp, open.clock.now().getTime(), 'and by whose clock')
    }
    for (const offset of [hour, -hour, 59 * minute]) assert.equal((await at(offset)).status, 'OK')
  })

  it('sudi differs', async () => {
    const sudi = { udi_pid: 'EX-R1000', udi_serial_number: 'ANOTHER' }
    for (const bent of [{ header: { sudi } }, { common: { sudi } }, { header: { sudi }, common: { sudi } }]) {
      const reply = await settled.report([], bent)
      assert.deepEqual(told(reply), ['FAILED', 'SUDI_MISMATCH', '{"sudi":["The device identity does not match the instance."]}'])
    }
  })

  it('stale usage', async () => {
    await settled.say('AUTHORIZATION', { entitlement_version: 50, entitlements: [] })
    const reply = await settled.say('AUTHORIZATION', { entitlement_version: 49, entitlements: [] })
    assert.deepEqual([reply.status, reply.message_code], ['FAILED', 'STALE_USAGE'])
    assert.deepEqual(Object.keys(JSON.parse(reply.message!)), ['entitlement_version'])
    settled.version = 50
  })

  it('version', async () => {
    for (const version of ['1.4', '2.0', '1.10']) {
      const reply = await settled.say('HELLO', {}, { header: { version } })
      assert.deepEqual(told(reply), ['VERSION_TOO_HIGH', 'VERSION_TOO_HIGH', '{"version":["1.3"]}'])
    }
  })

  it('unknown poll', async () => {
    const reply = await settled.say('POLL', { poll_id: 12345, action: 'registration' })
    assert.deepEqual(told(reply), ['FAILED', 'UNKNOWN_POLL', '{"poll_id":["The poll 12345 is not known."]}'])
  })

  it('policy, which is not built yet, is messages that nobody knows', async () => {
    for (const type of ['TRUST', 'USAGE', 'AUTH_REQUEST', 'TELEMETRY', 'THIRD_PARTY_KEY', 'anything']) {
      const reply = await settled.say(type, {})
      assert.deepEqual(told(reply), ['FAILED', 'MALFORMED', '{"header.request_type":["Is not a known message."]}'], type)
    }
  })

  it('registration without TLS, where the server wants it', async () => {
    await turnSwitch(open.context, administrator, 'registrationTls', true)
    const product = open.product()
    const reply = await product.say('REGISTRATION', product.applies(open.token))
    assert.deepEqual(told(reply), ['FAILED', 'TLS_REQUIRED', '{"transport":["This message must be sent over TLS."]}'])
    assert.equal((await product.say('REGISTRATION', product.applies(open.token), {}, { secure: true })).status, 'OK')
    assert.equal((await settled.report([])).status, 'OK', 'only messages with a token are meant')
    await turnSwitch(open.context, administrator, 'registrationTls', false)
    assert.equal((await product.say('REGISTRATION', product.applies(open.token, { force: true }))).status, 'OK')
    const events = await open.context.storage.db('events').where({ kind: 'settings changed' }).orderBy('at').pluck('message')
    assert.deepEqual(events, ['Product instances must register over TLS.', 'Product instances may register without TLS.'])
  })

  it('internal: a number, and nothing else', async () => {
    const { db } = open.context.storage
    await db.raw('alter table product_instance_contacts rename to hidden')
    const reply = await settled.report([])
    await db.raw('alter table hidden rename to product_instance_contacts')
    assert.deepEqual(told(reply), ['FAILED', 'SERVER_ERROR', `{"server":["Server error occurred: ${reply.response.correlation_id}"]}`])
    assert.ok(open.context.logged.some(line => line.includes(reply.response.correlation_id as string) && line.includes('"level":50')))
  })

  it('account expired, signed by the server signer', async () => {
    const { db } = open.context.storage
    const { account } = open.home
    const [applicant, applied] = [open.product(), open.product()]
    const lastSynchronizedAt = new Date(open.clock.now().getTime() - 365 * day)
    await db('local_accounts').where({ id: account.id }).update({ last_synchronized_at: lastSynchronizedAt })
    const { signing_certificate } = await db('server_identity').first()
    for (const reply of [await settled.report([]), await applicant.say('REGISTRATION', applicant.applies(open.token))]) {
      assert.deepEqual([reply.status, reply.message_code], ['FAILED', 'ACCOUNT_EXPIRED'])
      assert.deepEqual(Object.keys(JSON.parse(reply.message!)), ['account'])
      assert.equal(reply.signer.toString().trim(), signing_certificate.trim())
      assert.match(reply.signer.subject, /serialNumber=/)
    }
    await db('local_accounts').where({ id: account.id }).update({ last_synchronized_at: open.clock.now(), state: 'inactive' })
    assert.equal((await settled.report([])).message_code, 'ACCOUNT_EXPIRED', 'a deactivated account is none to work with')
    await db('local_accounts').where({ id: account.id }).update({ state: 'registered' })
    assert.equal((await applied.register(open.token)).status, 'OK')
  })

  it('a signer comes with the reply whenever the product does not say that it holds this one', async () => {
    const held = await settled.say('HELLO', {})
    assert.equal(held.response.signing_cert, null)
    for (const serial of [null, '1', serialOf(settled.signer!).replace(/.$/, '')]) {
      const reply = await settled.say('HELLO', {}, { header: { signing_cert_serial_number: serial } })
      assert.equal(reply.signer.toString(), settled.signer!.toString())
      assert.equal((reply.response.sub_ca_certs as string[]).length, 2)
    }
  })

  it('nothing is written with a refusal but its memory, and before step 12 not even that', async () => {
    const before = await open.rows()
    const stranger = open.product()
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    await settled.report([], { signer: privateKey })
    await settled.say('HELLO', {}, { header: { version: '9.0' } })
    await settled.say('USAGE', {})
    await settled.say('HELLO', {}, { common: { timestamp: 1 } })
    await settled.say('HELLO', {}, { header: { sudi: stranger.sudi } })
    await settled.say('HELLO', {}, { header: { id_cert_serial_number: '7' } })
    await stranger.say('REGISTRATION', stranger.applies(open.token, { csr: certificateRequest(settled.keys) }))
    assert.deepEqual(await open.rows(), before)
    await settled.say('AUTHORIZATION', { entitlement_version: 'x' })
    await stranger.say('REGISTRATION', stranger.applies('nonsense'))
    assert.deepEqual(await open.rows(), { ...before, replies: before.replies! + 2 })
  })

  it('no token and no key is in the log, however talkative it is', () => {
    const log = open.context.logged.join('')
    assert.ok(log.length > 0)
    assert.equal(log.includes(open.token) || log.includes(open.token.slice(64)), false)
    assert.doesNotMatch(log, /PRIVATE KEY|CERTIFICATE REQUEST/)
  })
})
