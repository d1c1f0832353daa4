import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Agent } from '../../../src/lab/product/agent/agent.ts'
import { badSignature, idCertExpired, staleUsage, sudiMismatch, unknownInstance, versionTooHigh } from '../../../src/wire/refusals.ts'
import { makeTestAccount } from '../../support/authorities.ts'
import { newFolder } from '../../support/folders.ts'
import { advantage, agentAt, done } from './cast.ts'
import {
  fieldsOf,
  type Honest,
  makeServerSigner,
  makeWorld,
  openScriptedServer,
  type ScriptedServer,
  signedBy,
  type Twist,
  type World,
} from './scriptedServer.ts'

/** The response of an honest reply with some of its fields changed, unsigned. */
const unsigned = ({ fields }: Honest) =>
  Buffer.from(JSON.stringify({ signature: null, credential: null, response: JSON.stringify({ ...fields, response_data: null }) }))

describe('what a product believes', function () {
  this.timeout(60_000)
  let world: World
  let elsewhere: World
  let server: ScriptedServer
  let folder: string
  let agent: Agent

  before(async () => {
    ;[world, elsewhere] = await Promise.all([makeWorld(), makeWorld()])
  })

  beforeEach(async () => {
    server = await openScriptedServer(world)
    folder = newFolder('product')
    agent = agentAt(server.url, { state: folder, trust: world.cloud.root.pem })
    await done(agent.register({ token: 'T' }))
    await done(agent.acknowledge())
  })

  afterEach(() => server.close())

  const stateOf = () => JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8'))

  /** The registration must be as it was, whatever came. */
  async function refusesToBelieve(code: number, twist: Twist): Promise<void> {
    const before = stateOf().registration
    server.twist(twist)
    const outcome = await agent.renewAuthorization()
    assert.equal(outcome.result, 'failed')
    assert.equal('code' in outcome && outcome.code, code)
    assert.deepEqual(stateOf().registration, before)
  }

  const signedByStranger =
    (answer: Parameters<typeof fieldsOf>[2], stranger: () => World['account']): Twist =>
    ({ request }) =>
      signedBy(stranger().authority.signer, fieldsOf(stranger().authority.signer, request, answer))

  it('is no unsigned UNKNOWN_INSTANCE', () =>
    refusesToBelieve(45, honest => unsigned({ ...honest, fields: { ...honest.fields, ...unknownInstance('x') } })))

  it('is no UNKNOWN_INSTANCE of another account under the same root', () =>
    refusesToBelieve(
      47,
      signedByStranger(unknownInstance('x'), () => world.other),
    ))

  it('is no ID_CERT_EXPIRED of another account under the same root', () =>
    refusesToBelieve(
      47,
      signedByStranger(idCertExpired('1'), () => world.other),
    ))

  it('is nobody under another root', () =>
    refusesToBelieve(
      99,
      signedByStranger(unknownInstance('x'), () => elsewhere.account),
    ))

  it('is no signer whose certificate is neither held nor sent', () =>
    refusesToBelieve(47, ({ fields }) =>
      signedBy(world.account.authority.signer, { ...fields, header: { ...fields.header, signing_cert_serial_number: '7' } }),
    ))

  it('is no reply that carries another certificate than it names', () =>
    refusesToBelieve(47, ({ fields }) => {
      const { signer } = world.account.authority
      const named = { ...fields.header, signing_cert_serial_number: '7' }
      return signedBy(signer, { ...fields, header: named, signing_cert: signer.certificate.pem, sub_ca_certs: signer.chain })
    }))

  it("is no product's own certificate that signs for the server", () =>
    refusesToBelieve(99, async ({ fields }) => {
      const { idCertificate, idCertificateSerial, keyName } = stateOf().registration
      const privateKey = createPrivateKey(readFileSync(join(folder, 'keys', `${keyName}.pem`)))
      const header = { ...fields.header, signing_cert_serial_number: idCertificateSerial }
      const signer = { ...world.account.authority.signer, privateKey }
      return signedBy(signer, { ...fields, header, signing_cert: idCertificate, sub_ca_certs: signer.chain })
    }))

  it('is no reply that was changed on its way', () =>
    refusesToBelieve(45, ({ bytes }) => {
      const { signature, response } = JSON.parse(bytes.toString())
      return Buffer.from(JSON.stringify({ signature, credential: null, response: response.replace('AUTHORIZED', 'OUT_OF_COMPLIANCE') }))
    }))

  it('is no reply to another message', () =>
    refusesToBelieve(30, ({ fields }) => signedBy(world.account.authority.signer, { ...fields, nonce: '1' })))

  it('is no reply for another instance', () =>
    refusesToBelieve(28, ({ fields }) => {
      const header = { ...fields.header, product_instance_identifier: '11111111-1111-4111-8111-111111111111' }
      return signedBy(world.account.authority.signer, { ...fields, header })
    }))

  it('is no text that is not a reply', () => refusesToBelieve(17, () => Buffer.from('<html>Please sign in</html>')))

  it('is no HTTP error', () => refusesToBelieve(33, () => ({ status: 503, body: 'busy' })))

  it('is no silence', () => refusesToBelieve(33, () => 'silence'))

  it("is its account's signer, who may say that the instance is unknown", async () => {
    server.twist(({ request }) =>
      signedBy(world.account.authority.signer, fieldsOf(world.account.authority.signer, request, unknownInstance('x'))),
    )
    const outcome = await agent.report([{ tag: advantage, count: 1 }])
    assert.equal(outcome.result, 'refused')
    assert.equal((await agent.status()).registration.status, 'UNREGISTERED')
    assert.deepEqual(stateOf().usage, [{ tag: advantage, count: 1 }])
  })

  it("is its server's signer, pinned when it registered, also with the certificate of a later synchronization", async () => {
    const renewed = await makeServerSigner(world.cloud, world.now, world.server)
    server.twist(({ request }) => signedBy(renewed, fieldsOf(renewed, request, unknownInstance('x'))))
    assert.equal((await agent.renewAuthorization()).result, 'refused')
    assert.equal((await agent.status()).registration.status, 'UNREGISTERED')
  })

  it('is no signer of another server under the same root', async () => {
    const elsewhere = await makeServerSigner(world.cloud, world.now)
    await refusesToBelieve(47, ({ request }) => signedBy(elsewhere, fieldsOf(elsewhere, request, unknownInstance('x'))))
  })

  it('waits after a refusal, instead of asking again at once for what is still due', async () => {
    await done(agent.report([{ tag: advantage, count: 1 }]))
    const { signer } = world.account.authority
    server.twist(({ request }) => signedBy(signer, fieldsOf(signer, request, sudiMismatch())))
    await agent.report([{ tag: advantage, count: 2 }])
    assert.equal(await agent.step(), undefined)
  })

  it('speaks a lower version when it is told to, and remembers it', async () => {
    server.twist(({ request }) =>
      signedBy(world.account.authority.signer, fieldsOf(world.account.authority.signer, request, versionTooHigh('1.1'))),
    )
    await done(agent.renewAuthorization())
    await done(agent.renewAuthorization())
    assert.deepEqual(
      server.received.slice(-3).map(({ header }) => header.version),
      ['1.3', '1.1', '1.1'],
    )
  })

  it('gives up when no lower version is offered', () =>
    refusesToBelieve(127, ({ request }) =>
      signedBy(world.account.authority.signer, fieldsOf(world.account.authority.signer, request, versionTooHigh('1.3'))),
    ))

  it('tries once more with a new nonce when its signature is called bad, and keeps its registration when it is again', async () => {
    const complain: Twist = ({ request }) =>
      signedBy(world.account.authority.signer, fieldsOf(world.account.authority.signer, request, badSignature()))
    server.twist(complain, complain)
    const outcome = await agent.renewAuthorization()
    assert.equal(outcome.result === 'refused' && outcome.code, 'BAD_SIGNATURE')
    const [first, second] = server.received.slice(-2)
    assert.notEqual(first!.nonce, second!.nonce)
    assert.equal((await agent.status()).registration.status, 'REGISTERED')
  })

  it('reports again above the version that the server holds', async () => {
    server.twist(({ request }) =>
      signedBy(world.account.authority.signer, fieldsOf(world.account.authority.signer, request, staleUsage(1, 77))),
    )
    await done(agent.report([{ tag: advantage, count: 3 }]))
    assert.equal(server.received.at(-1)!.data.entitlement_version, 78)
  })

  it('keeps the new signer that comes after a synchronization, and names it in its next message', async () => {
    const renewed = await makeTestAccount(world.cloud, world.now, world.account)
    const { signer } = renewed.authority
    server.twist(({ request, answer }) => signedBy(signer, fieldsOf(signer, request, answer)))
    await done(agent.renewAuthorization())
    await agent.renewAuthorization()
    assert.equal(server.received.at(-1)!.header.signing_cert_serial_number, signer.serial)
  })
})
