import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { day, hour } from '../../src/rules/clock.ts'
import { type OpenDoor, openTestDoor } from '../support/deviceDoor.ts'
import type { Bent, TestProduct } from '../support/product.ts'

/** Faults in the order of the steps of wire-device 5.3, each put into an otherwise sound AUTHORIZATION. */
type Fault = { step: string; code: string; bent?: Bent; data?: Record<string, unknown>; before?(): unknown; after?(): unknown }

describe('of two faults in one message, the one of the earlier step is told', () => {
  let open: OpenDoor
  let product: TestProduct

  before(async () => {
    open = await openTestDoor()
    product = await open.product().settle(open.token)
    await product.report([])
  })
  after(() => open.close())

  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const account = (changes: object) => open.context.storage.db('local_accounts').where({ id: open.home.account.id }).update(changes)

  const faults = (): Fault[] => [
    { step: '3 envelope', code: 'MALFORMED locale', bent: { header: { locale: 7 } } },
    { step: '4 version', code: 'VERSION_TOO_HIGH', bent: { header: { version: '3.0' } } },
    { step: '5 type', code: 'MALFORMED request_type', bent: { header: { request_type: 'NONSENSE' } } },
    { step: '6 nonces', code: 'MALFORMED nonce', bent: { request: { nonce: 'another' } } },
    { step: '6 clock', code: 'CLOCK_SKEW', bent: { common: { timestamp: open.clock.now().getTime() - 2 * hour } } },
    {
      step: '7 account',
      code: 'ACCOUNT_EXPIRED',
      before: () => account({ last_synchronized_at: new Date(open.clock.now().getTime() - 365 * day) }),
      after: () => account({ last_synchronized_at: open.clock.now() }),
    },
    { step: '7 key', code: 'UNKNOWN_INSTANCE', bent: { header: { id_cert_serial_number: '5' } } },
    { step: '8 signature', code: 'BAD_SIGNATURE', bent: { signer: stranger } },
    { step: '9 sudi', code: 'SUDI_MISMATCH', bent: { header: { sudi: { udi_pid: 'EX', udi_serial_number: '1' } } } },
    { step: '12 schema', code: 'MALFORMED entitlements', data: { entitlements: null } },
    { step: '13 rule', code: 'STALE_USAGE', data: { entitlement_version: 0 } },
  ]

  async function tell(...both: Fault[]): Promise<string> {
    const bent: Bent = {}
    for (const { bent: one = {} } of both) {
      for (const part of ['header', 'request', 'common'] as const) bent[part] = { ...bent[part], ...one[part] }
      if (one.signer) bent.signer = one.signer
    }
    for (const fault of both) await fault.before?.()
    const data = Object.assign(product.usage([]), ...both.map(fault => fault.data))
    const { message_code, message } = await product.say('AUTHORIZATION', data, bent)
    for (const fault of both) await fault.after?.()
    return `${message_code} ${message}`
  }

  const isTold = (told: string, { code }: Fault) => {
    const [word, field = ''] = code.split(' ')
    return told.startsWith(`${word} `) && told.includes(field)
  }

  it('and each fault alone is told as itself', async () => {
    for (const fault of faults()) assert.ok(isTold(await tell(fault), fault), fault.step)
  })

  it('for every pair', async () => {
    const all = faults()
    for (const [index, earlier] of all.entries()) {
      for (const later of all.slice(index + 1)) {
        // Two faults in one member cannot stand side by side.
        if (earlier.step === '7 account' && later.step === '13 rule') continue
        assert.ok(isTold(await tell(earlier, later), earlier), `${earlier.step} before ${later.step}`)
      }
    }
  })

  it('size before everything, and the type of the body before what is in it', async () => {
    const text = product.compose('AUTHORIZATION', {}, { header: { version: '3.0' } })
    assert.equal((await product.post(text + ' '.repeat(3_145_728))).status, 413)
  })

  it('a repeated message is known before its registration is judged again', async () => {
    const applicant = open.product()
    const text = applicant.compose('REGISTRATION', applicant.applies(open.token))
    assert.equal((await applicant.send(text)).status, 'OK')
    assert.equal((await applicant.send(text)).status, 'OK')
  })
})
