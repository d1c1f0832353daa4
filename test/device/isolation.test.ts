import assert from 'node:assert/strict'
import { randomUUID, X509Certificate } from 'node:crypto'
import { removeProductInstance } from '../../src/licensing/removeProductInstance.ts'
import { administrator, newToken, type RegisteredAccount, registeredAccount } from '../support/account.ts'
import { certificateRequest } from '../support/csr.ts'
import { type OpenDoor, openTestDoor } from '../support/deviceDoor.ts'
import type { TestProduct } from '../support/product.ts'

describe('an identity is good for one product of one account', () => {
  let open: OpenDoor
  let other: RegisteredAccount
  let here: TestProduct
  let there: TestProduct

  before(async () => {
    open = await openTestDoor()
    other = await registeredAccount(open.context)
    here = await open.product().settle(open.token)
    there = await open.product().settle((await newToken(open.context, other)).secret)
  })
  after(() => open.close())

  const as = (product: TestProduct) => ({ product_instance_identifier: product.id, id_cert_serial_number: product.serial })

  it('each account signs with its own signer, under its own authority', async () => {
    assert.notEqual(here.signer!.toString(), there.signer!.toString())
    const [a, b] = [here, there].map(product => new X509Certificate(product.certificate!).issuer)
    assert.notEqual(a, b)
  })

  it("a product of one account that uses the other's certificate, identifier or both is unknown or badly signed", async () => {
    const attempts = [
      { header: { ...as(here), id_cert_serial_number: there.serial }, code: 'UNKNOWN_INSTANCE' },
      { header: { ...as(there), id_cert_serial_number: here.serial }, code: 'UNKNOWN_INSTANCE' },
      { header: as(there), code: 'BAD_SIGNATURE' },
    ]
    for (const { header, code } of attempts) assert.equal((await here.say('DEREGISTRATION', {}, { header })).message_code, code)
    assert.equal((await there.say('HELLO')).status, 'OK', 'and the other notices nothing')
  })

  it("an identifier with the other account's number in it is not found there", async () => {
    const moved = here.id!.slice(0, -8) + there.id!.slice(-8)
    assert.equal((await here.say('HELLO', {}, { header: { product_instance_identifier: moved } })).message_code, 'UNKNOWN_INSTANCE')
  })

  it('an identifier that no account gave out is answered by the server signer', async () => {
    const { signing_certificate } = await open.context.storage.db('server_identity').first()
    for (const id of [randomUUID(), here.id!.replace(/.{8}$/, 'ffffffff'), here.id!.replace(/.{8}$/, '00ffffff')]) {
      const reply = await here.say('HELLO', {}, { header: { product_instance_identifier: id } })
      assert.equal(reply.message_code, 'UNKNOWN_INSTANCE')
      assert.equal(reply.signer.toString().trim(), signing_certificate.trim())
    }
  })

  it('the same device may be registered with both accounts', async () => {
    const twin = open.product({ sudi: here.sudi })
    assert.equal((await twin.register((await newToken(open.context, other)).secret)).status, 'OK')
  })

  it('a registration proves the key it asks a certificate for', async () => {
    const product = open.product()
    const stranger = open.product().keys
    const stolen = await product.say('REGISTRATION', product.applies(open.token), { signer: stranger.privateKey })
    assert.equal(stolen.message_code, 'BAD_SIGNATURE')
    const borrowed = await product.say(
      'REGISTRATION',
      product.applies(open.token, { csr: certificateRequest(stranger, product.keys.privateKey) }),
    )
    assert.equal(borrowed.message_code, 'MALFORMED')
    assert.match(borrowed.message!, /^\{"csr":\[/)
  })

  it('a renewal with a key that is not proved is refused, and the certificate stays', async () => {
    const before = await open.rows()
    const csr = certificateRequest(there.keys, here.keys.privateKey)
    assert.equal((await here.say('ID_CERT_RENEWAL', { csr })).message_code, 'MALFORMED')
    assert.deepEqual((await open.rows()).certificates, before.certificates)
  })

  it('one tampered byte, anywhere, and the signature is bad', async () => {
    const text = here.compose('AUTHORIZATION', here.usage([]))
    const { signature, request } = JSON.parse(text)
    const flipped = request.replace('en_US.UTF-8', 'en_US.UTF-9')
    assert.equal((await here.send(JSON.stringify({ signature, request: flipped }))).message_code, 'BAD_SIGNATURE')
    const bytes = Buffer.from(signature.value, 'base64')
    bytes[bytes.length - 1]! ^= 1
    const value = bytes.toString('base64')
    assert.equal((await here.send(JSON.stringify({ signature: { ...signature, value }, request }))).message_code, 'BAD_SIGNATURE')
    for (const empty of ['', 'AA==']) {
      assert.equal((await here.send(JSON.stringify({ signature: { ...signature, value: empty }, request }))).message_code, 'BAD_SIGNATURE')
    }
    assert.equal((await here.send(text)).status, 'OK', 'and as it was it is good')
  })

  it('an unsigned message is one only if it is a HELLO, and that without an identity', async () => {
    const reply = await here.say('DEREGISTRATION', {}, { signer: null })
    assert.deepEqual([reply.message_code, reply.message], ['MALFORMED', '{"signature":["Is required."]}'])
    const before = await open.rows()
    const hello = await open.product().say('HELLO', {}, { signer: null })
    assert.equal(hello.status, 'OK')
    assert.deepEqual((hello.header.connect_info as { capabilities: string[] }).capabilities, ['MULTITIER', 'OK_TRY_AGAIN'])
    assert.deepEqual(await open.rows(), before)
  })

  it('an instance that was removed is unknown from its next message on, and the log says why', async () => {
    const product = await open.product().settle(open.token)
    const key = { localAccountId: open.home.account.id, id: product.id! }
    await removeProductInstance(open.context, administrator, { ...key, reason: 'Scrapped.' })
    assert.equal((await product.report([])).message_code, 'UNKNOWN_INSTANCE')
    const { removed_by, reason } = await open.context.storage.db('tombstones').where({ product_instance_id: product.id }).first()
    assert.deepEqual({ removed_by, reason }, { removed_by: 'ada', reason: 'Scrapped.' })
    assert.ok(open.context.logged.some(line => line.includes(product.id!) && line.includes('was removed: Scrapped.')))
    await assert.rejects(removeProductInstance(open.context, administrator, key), { code: 'NOT_FOUND' })
    await assert.rejects(removeProductInstance(open.context, administrator, { ...key, id: 'nonsense' }), { code: 'NOT_FOUND' })
  })

  it('a report for an instance that goes away at the same moment is refused or counted, never left behind', async () => {
    const product = await open.product().settle(open.token)
    const key = { localAccountId: open.home.account.id, id: product.id! }
    await Promise.all([product.report([]), removeProductInstance(open.context, administrator, key), product.report([])])
    const left = await open.context.storage.db('product_instance_contacts').where({ product_instance_id: product.id })
    assert.deepEqual(left, [])
  })
})
