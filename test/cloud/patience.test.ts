import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import type { Consignment } from '../../src/cloud/carrier.ts'
import { openNetworkCarrier } from '../../src/cloud/network.ts'
import { straight } from '../../src/cloud/way.ts'
import { freePort } from '../support/proxies.ts'
import { makeTestAuthority, openTlsPeer, type Peer, type TestAuthority } from '../support/tlsPeer.ts'

const consignment: Consignment = {
  exchange: 'synchronization',
  container: '{}',
  serverUuid: 'a',
  smartAccountId: null,
  virtualAccountId: null,
}
const credentials = { clientId: 'a', clientSecret: 'b' }

describe('what is tried again on the way to the cloud', () => {
  let authority: TestAuthority
  let peer: Peer
  /** What is said to each call of the interface, one after the other; the sign-on always works. */
  let answers: RequestListener[]
  let calls: string[]

  before(async () => {
    authority = await makeTestAuthority()
    peer = await openTlsPeer(await authority.certify(['localhost']), async (request, response) => {
      await request.toArray()
      if (request.url === '/as/token.oauth2') return response.end(JSON.stringify({ access_token: 'a', expires_in: 3599 }))
      calls.push(request.url!.split('/').at(-1)!)
      return (answers.shift() ?? refusal)(request, response)
    })
  })
  after(() => peer?.close())
  beforeEach(() => {
    calls = []
  })

  const carrier = (port = peer.port, pauses = [1, 1]) =>
    openNetworkCarrier({ cloudUrl: `https://localhost:${port}`, cloudCaFile: undefined, pauses }, async () => ({
      ...straight,
      authorities: [authority.root.pem],
    }))
  const refusal: RequestListener = (_request, response) =>
    response.end(JSON.stringify({ status: 'FAILED', message_code: 'X', message: 'No.' }))
  const says =
    (status: number, headers = {}): RequestListener =>
    (_request, response) =>
      response.writeHead(status, headers).end()
  const breaks: RequestListener = request => request.socket.destroy()

  it('a container, when the cloud says for how long it shall wait', async () => {
    for (const status of [429, 503]) {
      answers = [says(status, { 'Retry-After': '0' }), says(status, { 'Retry-After': '0' })]
      assert.equal((await carrier().carry(consignment, credentials)).status, 'refused')
    }
    assert.equal(calls.length, 6)
  })

  it('not a container that may have been taken', async () => {
    for (const answer of [breaks, says(502), says(503), says(503, { 'Retry-After': '3600' })]) {
      calls = []
      answers = [answer]
      await assert.rejects(carrier().carry(consignment, credentials), { code: 'CLOUD_UNREACHABLE' })
      assert.deepEqual(calls, ['synchronization'])
    }
  })

  it('a question for the answer, whatever became of it', async () => {
    answers = [breaks, says(504)]
    assert.equal((await carrier().ask('1', credentials)).status, 'refused')
    assert.deepEqual(calls, ['poll', 'poll', 'poll'])
  })

  it('and not for ever', async () => {
    answers = [says(502), says(502), says(502), says(502)]
    await assert.rejects(carrier().ask('1', credentials), { message: /in trouble \(HTTP 502\)/ })
    assert.equal(calls.length, 3)
  })

  it('nothing that a person must mend', async () => {
    for (const status of [400, 401, 403, 404, 413]) {
      calls = []
      answers = [says(status), says(status)]
      await assert.rejects(carrier().ask('1', credentials), { name: 'Refusal' })
      assert.equal(calls.length, status === 401 ? 2 : 1)
    }
  })

  it('a connection that nobody took, until somebody does', async () => {
    const port = await freePort()
    answers = []
    const carrying = carrier(port, [1, 1, 5, 20, 50, 100, 200, 400, 800, 1600]).carry(consignment, credentials)
    const late = await openTlsPeer(
      await authority.certify(['localhost']),
      async (request, response) => {
        await request.toArray()
        if (request.url === '/as/token.oauth2') response.end(JSON.stringify({ access_token: 'a', expires_in: 3599 }))
        else refusal(request, response)
      },
      port,
    )
    assert.equal((await carrying).status, 'refused')
    await late.close()
  })
})
