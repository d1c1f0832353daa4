import assert from 'node:assert/strict'
import { openLimits, usualLimits } from '../../src/device/limits.ts'
import { type OpenDoor, openTestDoor } from '../support/deviceDoor.ts'

const caller = { source: '192.0.2.1', isRegistration: false, tokenId: undefined }
const applicant = { ...caller, isRegistration: true, tokenId: 'a' }
const slow = (burst: number) => ({ burst, perSecond: 0 })

describe('the limits of the door', () => {
  it('let so many be under way, and the next when one has left', () => {
    const limits = openLimits({ ...usualLimits, underWay: 2 })
    const leave = limits.enter(caller)
    assert.ok(leave && limits.enter(caller))
    assert.equal(limits.enter(caller), undefined)
    leave()
    assert.ok(limits.enter(caller))
  })

  it('let fewer registrations be under way, and reports pass them by', () => {
    const limits = openLimits({ ...usualLimits, registrationsUnderWay: 1 })
    assert.ok(limits.enter(applicant))
    assert.equal(limits.enter({ ...applicant, tokenId: 'b' }), undefined)
    assert.ok(limits.enter(caller))
  })

  it('let one source, or one token, use up its own and nobody else’s', () => {
    const limits = openLimits({ ...usualLimits, source: slow(2), token: slow(1) })
    assert.ok(limits.enter(applicant))
    assert.equal(limits.enter(applicant), undefined)
    assert.ok(limits.enter({ ...applicant, source: '192.0.2.2', tokenId: 'b' }))
    assert.equal(limits.enter(caller), undefined)
    assert.ok(limits.enter({ ...caller, source: '192.0.2.3' }))
  })

  it('keep no more names than their memory has room for', () => {
    const limits = openLimits({ ...usualLimits, underWay: Number.POSITIVE_INFINITY, source: slow(1) })
    assert.ok(limits.enter(caller))
    for (let address = 0; address < 10_000; address++) limits.enter({ ...caller, source: String(address) })
    assert.ok(limits.enter(caller), 'the one not heard of for longest is forgotten')
  })
})

describe('a door that is busy', () => {
  let open: OpenDoor

  before(async () => {
    open = await openTestDoor({ limits: { ...usualLimits, registrationsUnderWay: 1, token: slow(1) } })
  })
  after(() => open.close())

  it('says OK_TRY_AGAIN and when, signed, and writes nothing; who comes again is served', async () => {
    const [first, second] = [open.product(), open.product()]
    await first.register(open.token)
    const before = await open.rows()
    const text = second.compose('REGISTRATION', second.applies(open.token))
    const reply = await second.send(text)
    assert.equal(reply.status, 'OK_TRY_AGAIN')
    assert.ok((reply.response.retry_after as number) >= 10)
    assert.deepEqual(await open.rows(), before)
    assert.equal((await first.report([])).status, 'OK')
  })
})
