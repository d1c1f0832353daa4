import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { certificateRequest } from '../support/csr.ts'
import { type OpenDoor, openTestDoor } from '../support/deviceDoor.ts'
import { softwareTag, type TestProduct } from '../support/product.ts'

type Role = 'Active' | 'Standby' | 'Member'

/** A product of several devices is one instance, under one certificate that names each (wire-device 2.8, 5.5). */
describe('a product of several devices', () => {
  let open: OpenDoor
  let count = 0

  before(async () => {
    open = await openTestDoor()
  })
  after(() => open.close())

  const sudi = (name: string) => ({ udi_pid: 'EX-R1000', udi_serial_number: name })
  const device = (name: string, role: Role) => ({ sudi: sudi(name), hostname: name, software_tag_identifier: softwareTag, role })

  /** A pair and a member, registered by its active device. */
  async function cluster(): Promise<{ product: TestProduct; names: [string, string, string] }> {
    const number = ++count
    const names: [string, string, string] = [`ACTIVE-${number}`, `STANDBY-${number}`, `MEMBER-${number}`]
    const product = open.product({ sudi: sudi(names[0]) })
    await product.register(open.token, {
      device_list: [device(names[0], 'Active'), device(names[1], 'Standby'), device(names[2], 'Member')],
    })
    return { product, names }
  }

  const devicesIn = (certificate: unknown) =>
    new X509Certificate(certificate as string).subjectAltName?.split(', ').map(uri => uri.split(':').at(-1))
  const rowOf = async (product: TestProduct) => open.context.storage.db('product_instances').where({ id: product.id }).first()
  const as = (name: string) => ({ header: { sudi: sudi(name) }, common: { sudi: sudi(name) } })

  it('has one certificate that names each of them, and keeps their roles', async () => {
    const { product, names } = await cluster()
    assert.deepEqual(devicesIn(product.certificate), names)
    const { devices, udi_serial_number } = await rowOf(product)
    assert.deepEqual(
      devices.map((each: { role: Role }) => each.role),
      ['Active', 'Standby', 'Member'],
    )
    assert.equal(udi_serial_number, names[0])
  })

  it('goes on after a failover: the standby acknowledges, reports, renews and leaves in its own name', async () => {
    const { product, names } = await cluster()
    const standby = as(names[1])
    assert.equal((await product.say('REGISTRATION_ACK', { id_cert_serial_number: product.serial }, standby)).status, 'OK')
    assert.equal((await product.report([], standby)).status, 'OK')
    const keys = product.newKeys()
    const renewed = await product.say('ID_CERT_RENEWAL', { csr: certificateRequest(keys) }, standby)
    assert.equal(renewed.status, 'OK')
    assert.deepEqual(devicesIn(renewed.data.id_cert), names, 'the new certificate names each of them again')
    product.keys = keys
    product.keep(renewed.data)
    assert.equal((await product.report([], as(names[0]))).status, 'OK', 'the other is back')
    assert.equal((await product.say('DEREGISTRATION', {}, standby)).status, 'OK')
  })

  it('is spoken for by none but its devices, and by each under one name', async () => {
    const { product, names } = await cluster()
    assert.equal((await product.report([], as('STRANGER'))).message_code, 'SUDI_MISMATCH')
    const mixed = { header: { sudi: sudi(names[0]) }, common: { sudi: sudi(names[1]) } }
    assert.equal((await product.report([], mixed)).message_code, 'SUDI_MISMATCH')
  })

  it('may register again with other devices and roles under the same active one: the same instance, and a certificate for those', async () => {
    const { product, names } = await cluster()
    const { id } = product
    const device_list = [device(names[2], 'Standby'), device(names[0], 'Active'), device(`NEW-${count}`, 'Member')]
    assert.equal((await product.say('REGISTRATION', product.applies(open.token, { device_list }))).message_code, 'ALREADY_REGISTERED')
    await product.register(open.token, { device_list, force: true })
    assert.equal(product.id, id)
    assert.deepEqual(devicesIn(product.certificate), [names[2], names[0], `NEW-${count}`])
    assert.equal((await product.report([], as(names[2]))).status, 'OK')
    assert.equal((await product.report([], as(names[1]))).message_code, 'SUDI_MISMATCH', 'one that is not listed any more')
  })

  it('that registers again with exchanged roles is the same instance, with force and not without', async () => {
    const { product, names } = await cluster()
    const device_list = [device(names[1], 'Active'), device(names[0], 'Standby')]
    const again = open.product({ sudi: sudi(names[1]) })
    const reply = await again.say('REGISTRATION', again.applies(open.token, { device_list }))
    assert.equal(reply.message_code, 'ALREADY_REGISTERED')
    assert.match(reply.message!, new RegExp(names[1]))
    await again.register(open.token, { device_list, force: true })
    assert.equal(again.id, product.id)
    assert.deepEqual(devicesIn(again.certificate), [names[1], names[0]])
    assert.equal((await rowOf(again)).udi_serial_number, names[1])
    assert.equal((await product.report([])).message_code, 'UNKNOWN_INSTANCE', 'the certificate before has ended')
    await product.register(open.token, { device_list: [device(names[0], 'Active'), device(names[1], 'Standby')], force: true })
    assert.equal(product.id, again.id, 'and so it is when they change back')
  })

  it('of which a device registers alone is another one, and stays so when the pair registers again', async () => {
    const { product, names } = await cluster()
    const alone = open.product({ sudi: sudi(names[1]) })
    await alone.register(open.token)
    assert.notEqual(alone.id, product.id)
    await product.register(open.token, { device_list: [device(names[0], 'Active'), device(names[1], 'Standby')], force: true })
    assert.equal((await alone.report([])).status, 'OK')
    assert.equal((await product.report([])).status, 'OK')
  })

  it('has exactly one active device, no device twice, and the one that sends among them', async () => {
    const product = open.product({ sudi: sudi('LISTED') })
    const lists = [
      [],
      [device('LISTED', 'Standby')],
      [device('LISTED', 'Active'), device('B', 'Active')],
      [device('LISTED', 'Active'), device('LISTED', 'Standby')],
      [device('B', 'Active')],
      Array.from({ length: 17 }, (_, index) => device(index === 0 ? 'LISTED' : `M${index}`, index === 0 ? 'Active' : 'Member')),
    ]
    for (const device_list of lists) {
      const reply = await product.say('REGISTRATION', product.applies(open.token, { device_list }))
      assert.equal(reply.message_code, 'MALFORMED')
      assert.match(reply.message!, /^\{"device_list"/)
    }
  })

  it('may be registered by its standby while that speaks for it', async () => {
    const product = open.product({ sudi: sudi('SPEAKS') })
    await product.register(open.token, { device_list: [device('ELSEWHERE', 'Active'), device('SPEAKS', 'Standby')] })
    assert.equal((await rowOf(product)).udi_serial_number, 'ELSEWHERE')
  })
})
