import assert from 'node:assert/strict'
import { usualLimits } from '../../../src/device/limits.ts'
import type { Agent, AgentOptions } from '../../../src/lab/product/agent/agent.ts'
import { createAgent } from '../../../src/lab/product/agent/agent.ts'
import { type Identity, identityOf } from '../../../src/lab/product/agent/identity.ts'
import type { Transport } from '../../../src/lab/product/agent/transport.ts'
import { removeProductInstance } from '../../../src/licensing/removeProductInstance.ts'
import { administrator } from '../../support/account.ts'
import { insertThreeTierCertificate } from '../../support/authorityRows.ts'
import { type OpenDoor, openOn, openTestDoor } from '../../support/deviceDoor.ts'
import { newFolder } from '../../support/folders.ts'
import { insertLots, type TestLots } from '../../support/lots.ts'
import { done } from './cast.ts'

const minute = 60_000
const day = 1440 * minute

describe('the life of a product of the laboratory', function () {
  this.timeout(60_000)
  let open: OpenDoor
  let lots: TestLots<'ADVANTAGE' | 'ESSENTIALS'>
  let serial = 0

  before(async () => {
    open = await openTestDoor()
    lots = await insertLots(open.context, open.home, { ADVANTAGE: 3, ESSENTIALS: 1000 })
  })
  after(() => open.close())

  const newIdentity = (more: Partial<Identity> = {}) =>
    identityOf({ pid: 'EX-R1000', serialNumber: `FOX${String(++serial).padStart(8, '0')}`, hostname: `edge-${serial}`, ...more })

  const urls = () => ({ http: `http://127.0.0.1:${open.around.httpPort}`, https: `https://localhost:${open.around.httpsPort}` })

  const newAgent = (options: Partial<AgentOptions> = {}): Agent =>
    createAgent({
      state: newFolder('product'),
      url: urls().http,
      trust: open.around.licensingRoot,
      tlsTrust: open.around.tlsRoot,
      identity: newIdentity(),
      clock: open.clock,
      random: () => 0.5,
      ...options,
    })

  const instanceRow = (id: string | null) => open.context.storage.db('product_instances').where({ id }).first()

  for (const transport of ['smart', 'callhome'] as Transport[]) {
    for (const scheme of ['http', 'https'] as const) {
      it(`goes by ${transport} over ${scheme} from registration to deregistration`, async () => {
        const agent = newAgent({ transport, url: urls()[scheme], identity: newIdentity({ hostname: 'edge ]]> "quoted" ü' }) })
        const { instanceId, smartAccount } = await done(agent.register({ token: open.token }))
        assert.equal(smartAccount, 'Example Corp')
        await done(agent.acknowledge())
        const row = await instanceRow(instanceId)
        assert.equal(row.state, 'REGISTERED')
        assert.equal(row.hostname, 'edge ]]> "quoted" ü')
        const reported = await done(agent.report([{ tag: lots.tags.ESSENTIALS, count: 2 }]))
        assert.equal(reported.status, 'AUTHORIZED')
        const before = (await agent.status()).registration
        await done(agent.renewIdCertificate())
        await done(agent.renewAuthorization())
        assert.equal((await agent.status()).registration.instanceId, before.instanceId)
        await done(agent.deregister())
        assert.equal(await instanceRow(instanceId), undefined)
        assert.equal((await agent.status()).registration.status, 'UNREGISTERED')
      })
    }
  }

  it('is told what is short, and goes on using it', async () => {
    const agent = newAgent()
    await done(agent.register({ token: open.token }))
    const reported = await done(agent.report([{ tag: lots.tags.ADVANTAGE, count: 5 }]))
    assert.equal(reported.status, 'OUT_OF_COMPLIANCE')
    const { authorization, licenses } = await agent.status()
    assert.equal(authorization.status, 'OUT OF COMPLIANCE')
    assert.equal(authorization.nextCommunication!.getTime(), open.clock.now().getTime() + 720 * minute)
    assert.deepEqual(
      licenses.map(({ name, count, status, insufficient }) => ({ name, count, status, insufficient })),
      [{ name: 'ADVANTAGE', count: 5, status: 'OUT OF COMPLIANCE', insufficient: 2 }],
    )
    assert.equal((await done(agent.report([{ tag: lots.tags.ADVANTAGE, count: 0 }]))).status, 'NO_LICENSES_IN_USE')
  })

  it('hears of a tag that nobody knows that it is invalid, and of the others as ever', async () => {
    const agent = newAgent()
    await done(agent.register({ token: open.token }))
    const nobody = 'regid.2020-01.com.example.NOBODY,1.0_00000000-0000-4000-8000-00000000000f'
    await done(agent.report([nobody, lots.tags.ESSENTIALS].map(tag => ({ tag, count: 1 }))))
    assert.deepEqual(
      (await agent.status()).licenses.map(license => license.status),
      ['INVALID TAG', 'AUTHORIZED'],
    )
  })

  it('is refused with a token that is none, keeps nothing of it, and registers with a good one', async () => {
    const agent = newAgent()
    const refused = await agent.register({ token: 'BadRegistrationToken' })
    assert.deepEqual(refused, { result: 'refused', code: 'TOKEN_INVALID', sentence: "The token 'BadRegistrationToken' is not valid." })
    assert.equal((await agent.status()).registration.status, 'FAILED')
    assert.equal(await agent.step(), undefined)
    await done(agent.register({ token: open.token }))
  })

  it('takes the place of an earlier registration only by force, and keeps its identifier', async () => {
    const identity = newIdentity()
    const first = await done(newAgent({ identity }).register({ token: open.token }))
    const again = newAgent({ identity })
    const refused = await again.register({ token: open.token })
    assert.equal(refused.result === 'refused' && refused.code, 'ALREADY_REGISTERED')
    const forced = await done(again.register({ token: open.token, force: true }))
    assert.equal(forced.instanceId, first.instanceId)
  })

  it('registers a pair as one', async () => {
    const other = { pid: 'EX-R1000', serialNumber: 'FOXSTANDBY1', hostname: 'edge-1b', role: 'Standby' as const }
    const identity = newIdentity({ others: [other] })
    const { instanceId } = await done(newAgent({ identity }).register({ token: open.token }))
    const { devices } = await instanceRow(instanceId)
    assert.deepEqual(
      devices.map((device: { role: string; sudi: { udi_serial_number: string } }) => [device.role, device.sudi.udi_serial_number]),
      [
        ['Active', identity.serialNumber],
        ['Standby', 'FOXSTANDBY1'],
      ],
    )
  })

  it('lets go of its registration when an administrator removed it, and keeps what it uses', async () => {
    const agent = newAgent()
    const { instanceId } = await done(agent.register({ token: open.token }))
    await done(agent.report([{ tag: lots.tags.ESSENTIALS, count: 1 }]))
    await removeProductInstance(open.context, administrator, { localAccountId: open.home.account.id, id: instanceId })
    const outcome = await agent.renewAuthorization()
    assert.equal(outcome.result === 'refused' && outcome.code, 'UNKNOWN_INSTANCE')
    const { registration, authorization } = await agent.status()
    assert.equal(registration.status, 'UNREGISTERED')
    assert.match(registration.ended!.reason, new RegExp(`The identity for the instance ${instanceId} is not valid`))
    assert.equal(authorization.status, 'EVAL MODE')
    await done(agent.register({ token: open.token }))
    assert.equal((await agent.step())?.deed, 'acknowledge')
    assert.equal((await agent.step())?.deed, 'report usage')
    assert.equal((await agent.status()).authorization.status, 'AUTHORIZED')
  })

  it('says that a clock is wrong, and tries again later', async () => {
    const ahead = { now: () => new Date(open.clock.now().getTime() + 61 * minute) }
    const agent = newAgent({ clock: ahead })
    const outcome = await agent.register({ token: open.token })
    assert.equal(outcome.result === 'refused' && outcome.code, 'CLOCK_SKEW')
    const { status, nextAttempt } = (await agent.status()).registration
    assert.equal(status, 'REGISTERING')
    assert.equal(nextAttempt!.getTime(), ahead.now().getTime() + 15 * minute)
  })

  it('waits for a registration that the cloud must sign for first, and polls for it', async () => {
    const own = await openTestDoor()
    try {
      const agent = newAgent({ url: `http://127.0.0.1:${own.around.httpPort}`, clock: own.clock, capabilities: ['OK_TRY_AGAIN'] })
      const outcome = await agent.register({ token: own.token })
      assert.ok(outcome.result === 'waiting')
      assert.equal(outcome.interval, 300)
      assert.equal(await agent.step(), undefined)
      own.clock.advance(5 * minute)
      assert.equal((await agent.step())?.outcome.result, 'waiting')
      await insertThreeTierCertificate(own.context, own.home.account)
      own.context.authority.forget(own.home.account.id)
      own.clock.advance(5 * minute)
      assert.deepEqual((await agent.step())?.deed, 'poll')
      assert.equal((await agent.status()).registration.status, 'REGISTERED')
      await done(agent.acknowledge())
    } finally {
      await own.close()
    }
  })

  it('is told to try again by a server that is busy, and registers when it does', async () => {
    const busy = await openTestDoor({
      limits: { ...usualLimits, source: { burst: 1, perSecond: 0.5 } },
    })
    try {
      const url = `http://127.0.0.1:${busy.around.httpPort}`
      await done(newAgent({ url, clock: busy.clock }).register({ token: busy.token }))
      const agent = newAgent({ url, clock: busy.clock })
      const outcome = await agent.register({ token: busy.token })
      assert.ok(outcome.result === 'busy')
      assert.equal((await agent.status()).registration.nextAttempt!.getTime(), busy.clock.now().getTime() + outcome.retryAfter * 1000)
    } finally {
      await busy.close()
    }
  })

  it('believes the server that it is busy although the server, and not its account, signs that', async () => {
    const crowded = await openOn(open.context, { limits: { ...usualLimits, present: 0 } })
    try {
      const same = { state: newFolder('product'), identity: newIdentity() }
      await done(newAgent(same).register({ token: open.token }))
      const agent = newAgent({ ...same, url: `http://127.0.0.1:${crowded.door.httpPort}` })
      assert.equal((await agent.report([])).result, 'busy')
    } finally {
      await crowded.door.close()
    }
  })

  it('reports every thirty days and renews its certificate after half a year by itself', async () => {
    const own = await openTestDoor()
    try {
      const agent = newAgent({ url: `http://127.0.0.1:${own.around.httpPort}`, clock: own.clock })
      await done(agent.register({ token: own.token }))
      const { expires } = (await agent.status()).registration
      const deeds: string[] = []
      for (let passed = 0; passed <= 180; passed += 30) {
        for (let did = await agent.step(); did; did = await agent.step()) {
          assert.equal(did.outcome.result, 'done')
          deeds.push(`${passed}: ${did.deed}`)
        }
        own.clock.advance(30 * day)
      }
      assert.deepEqual(deeds, [
        '0: acknowledge',
        ...[30, 60, 90, 120, 150].map(days => `${days}: report usage`),
        '180: renew ID certificate',
        '180: report usage',
      ])
      assert.ok((await agent.status()).registration.expires! > expires!)
    } finally {
      await own.close()
    }
  })

  it('asks who is there without being known', async () => {
    const { capabilities } = await done(newAgent().hello())
    assert.ok(capabilities.includes('OK_TRY_AGAIN'))
  })

  it('reaches a server by its IPv6 address', async () => {
    await done(newAgent({ url: `http://[::1]:${open.around.httpPort}` }).register({ token: open.token }))
    await done(newAgent({ url: `https://[::1]:${open.around.httpsPort}/` }).register({ token: open.token }))
  })

  it('says what is wrong with the way to the server', async () => {
    const { https } = urls()
    const untrusted = await newAgent({ url: https, tlsTrust: undefined }).register({ token: open.token })
    assert.match('sentence' in untrusted ? untrusted.sentence : '', /TLS certificate is not issued by an authority that is trusted here/)
    const nobody = await newAgent({ url: 'http://127.0.0.1:1' }).register({ token: open.token })
    assert.match('sentence' in nobody ? nobody.sentence : '', /nothing listens there/)
    const plain = await newAgent({ url: https.replace('https', 'http') }).register({ token: open.token })
    assert.equal(plain.result, 'failed')
  })
})
