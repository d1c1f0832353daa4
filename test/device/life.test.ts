import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { day } from '../../src/rules/clock.ts'
import { accountNumberIn } from '../../src/rules/identifiers.ts'
import { certificateRequest } from '../support/csr.ts'
import { type OpenDoor, openTestDoor } from '../support/deviceDoor.ts'
import { insertLots, type TestLots } from '../support/lots.ts'
import { serialOf, type Way } from '../support/product.ts'

const ways: [string, Way][] = [
  ['Smart Transport over HTTP', { transport: 'smart', secure: false }],
  ['Smart Transport over HTTPS', { transport: 'smart', secure: true }],
  ['Call Home over HTTP', { transport: 'callhome', secure: false }],
  ['Call Home over HTTPS', { transport: 'callhome', secure: true }],
]

describe('the life of a product', () => {
  let open: OpenDoor
  let lots: TestLots<'ADVANTAGE'>

  before(async () => {
    open = await openTestDoor()
    lots = await insertLots(open.context, open.home, { ADVANTAGE: 10 })
  })
  after(() => open.close())

  const stateOf = async (id: string | null) => (await open.context.storage.db('product_instances').where({ id }).first())?.state
  const inUse = async () =>
    Number((await open.context.storage.db('authorizations').where({ tag_id: lots.ids.ADVANTAGE }).first())?.in_use ?? 0)

  for (const [name, way] of ways) {
    it(`goes by ${name} from registration to deregistration`, async () => {
      const product = open.product({ way, rsa: true })

      // It registers, and is told everything that it needs for a year.
      const registered = await product.register(open.token)
      assert.equal(accountNumberIn(product.id!), open.home.account.id)
      assert.equal(registered.header.product_instance_identifier, product.id)
      assert.equal(registered.header.id_cert_serial_number, product.serial)
      assert.equal(await stateOf(product.id), 'PENDING_ACK')
      const certificate = new X509Certificate(product.certificate!)
      product.follow(certificate, registered.data.sub_ca_certs as string[])
      assert.equal(serialOf(certificate), product.serial)
      assert.deepEqual(
        certificate.publicKey.export({ type: 'spki', format: 'der' }),
        product.keys.publicKey.export({ type: 'spki', format: 'der' }),
      )
      assert.match(certificate.subject, new RegExp(`CN=EX-R1000\\nserialNumber=${product.id}`))
      assert.equal(certificate.subjectAltName, `URI:urn:udi:EX-R1000:${product.sudi.udi_serial_number}`)
      const now = open.clock.now().getTime()
      const { smart_account, virtual_account, export_controlled, expires_at, renew_at, auth_renew_interval, auth_deadline } =
        registered.data
      assert.deepEqual(
        { smart_account, virtual_account, export_controlled },
        { smart_account: 'Example Corp', virtual_account: 'Laboratory', export_controlled: 'NOT ALLOWED' },
      )
      assert.deepEqual(
        { expires_at, renew_at, auth_renew_interval, auth_deadline },
        { expires_at: now + 365 * day, renew_at: now + 180 * day, auth_renew_interval: 2_592_000, auth_deadline: 7_776_000 },
      )

      // It acknowledges; from now on no signer is sent along, because it holds it.
      const acknowledged = await product.say('REGISTRATION_ACK', { id_cert_serial_number: product.serial })
      assert.equal(acknowledged.status, 'OK')
      assert.equal(acknowledged.response.signing_cert, null)
      assert.equal(await stateOf(product.id), 'REGISTERED')

      // It reports, and hears of every tag.
      const before = await inUse()
      const reported = await product.report([
        [lots.tags.ADVANTAGE, 3],
        ['regid.2020-01.com.example.NOBODY,1.0_00000000-0000-4000-8000-00000000000f', 1],
      ])
      assert.equal(reported.data.overall_status, 'AUTHORIZED')
      assert.deepEqual(
        (reported.data.entitlements as { status: string }[]).map(each => each.status),
        ['IN_COMPLIANCE', 'INVALID_TAG'],
      )
      assert.equal(reported.data.renew_at, now + 30 * day)
      assert.equal(reported.data.deadline, now + 90 * day)
      assert.equal(await inUse(), before + 3)

      // It renews with a new key; both certificates work until the first message under the new one.
      const old = { keys: product.keys, serial: product.serial }
      const keys = product.newKeys()
      const renewed = await product.say('ID_CERT_RENEWAL', { csr: certificateRequest(keys) })
      assert.equal(renewed.status, 'OK')
      assert.equal((await product.report([[lots.tags.ADVANTAGE, 4]])).status, 'OK')
      product.keep(renewed.data)
      product.keys = keys
      assert.notEqual(product.serial, old.serial)
      assert.equal((await product.report([[lots.tags.ADVANTAGE, 5]])).status, 'OK')
      const late = await product.say('AUTHORIZATION', product.usage([]), {
        signer: old.keys.privateKey,
        header: { id_cert_serial_number: old.serial },
      })
      assert.equal(late.message_code, 'UNKNOWN_INSTANCE')
      assert.equal(await inUse(), before + 5)

      // It takes its leave, and a second time nobody knows it.
      assert.equal((await product.say('DEREGISTRATION')).status, 'OK')
      assert.equal(await stateOf(product.id), undefined)
      assert.equal(await inUse(), before)
      assert.equal((await product.say('DEREGISTRATION')).message_code, 'UNKNOWN_INSTANCE')
    })
  }
})
