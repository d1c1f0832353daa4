import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createServer as createPlainServer } from 'node:net'
import { join } from 'node:path'
import type { CloudCredentials, Consignment } from '../../src/cloud/carrier.ts'
import { openNetworkCarrier } from '../../src/cloud/network.ts'
import { openIssuer } from '../../src/pki/issue.ts'
import { privateKeyPem } from '../../src/pki/keys.ts'
import { makeTlsCertificate, makeTlsRoot } from '../../src/pki/tlsCertificate.ts'
import { openSsl } from '../support/openssl.ts'
import { openUpstream, type Upstream } from '../support/upstream.ts'

const consignment: Consignment = {
  exchange: 'synchronization',
  container: '{"format":"slx/1"}',
  serverUuid: '00000000-0000-4000-8000-000000000001',
  smartAccountId: '100001',
  virtualAccountId: null,
}

describe('the way to the cloud', () => {
  let upstream: Upstream
  let credentials: CloudCredentials

  before(async () => {
    upstream = await openUpstream()
    credentials = upstream.ready
  })
  after(() => upstream?.close())

  const carrier = (changes: Partial<Parameters<typeof openNetworkCarrier>[0]> = {}) =>
    openNetworkCarrier({ cloudUrl: upstream.ready.url, cloudCaFile: upstream.ready.cloudRoot, pauses: [0], ...changes })
  const unreachable = (message: RegExp) => ({ name: 'Refusal', code: 'CLOUD_UNREACHABLE', message })

  it('brings the no of the cloud as the cloud says it', async () => {
    const carried = await carrier().carry(consignment, credentials)
    assert.deepEqual(carried, {
      status: 'refused',
      code: 'FILE_MALFORMED',
      sentence: 'The file cannot be read: protected is missing or wrong.',
    })
    assert.equal((await carrier().ask('nothing', credentials)).status, 'refused')
  })

  it('says that client id and secret are wrong', async () => {
    await assert.rejects(carrier().carry(consignment, { ...credentials, clientSecret: 'guess' }), {
      ...unreachable(/^The cloud does not accept the client id .* with this secret\. Enter them again\.$/),
      field: 'clientId',
    })
  })

  it('signs on again, once and in silence, when its token has ended', async () => {
    const patient = carrier()
    await patient.carry(consignment, credentials)
    await upstream.database.write(db => db.run('delete from access_tokens'))
    assert.equal((await patient.carry(consignment, credentials)).status, 'refused', 'the container is refused, not the client')
    const { count } = upstream.database.read.one<{ count: number }>('select count(*) as count from access_tokens')!
    assert.equal(count, 1)
  })

  it('says that the name cannot be found', async () => {
    await assert.rejects(
      carrier({ cloudUrl: 'https://cloud.invalid' }).carry(consignment, credentials),
      // A machine without a network has no DNS server to ask.
      unreachable(/^(The name cloud\.invalid cannot be found|No DNS server answers when asked for cloud\.invalid)\. Check the DNS servers/),
    )
  })

  it('says that nobody listens', async () => {
    const server = createPlainServer().listen(0)
    const { port } = server.address() as AddressInfo
    await new Promise(resolve => server.close(resolve))
    await assert.rejects(
      carrier({ cloudUrl: `https://localhost:${port}` }).carry(consignment, credentials),
      unreachable(/refuses the connection\. Check the address of the cloud in QUARTERMASTER_CLOUD_URL, its port, and the firewall/),
    )
  })

  it('does not speak to a cloud whose certificate it cannot trust', async () => {
    await assert.rejects(
      carrier({ cloudCaFile: undefined }).carry(consignment, credentials),
      unreachable(/is not trusted here.*trust store/),
    )
    await assert.rejects(
      carrier({ cloudCaFile: upstream.ready.licensingRoot }).carry(consignment, credentials),
      unreachable(/is not trusted here/),
    )
    const renamed = upstream.ready.url.replace('localhost', '127.0.0.2')
    await assert.rejects(
      carrier({ cloudUrl: renamed }).carry(consignment, credentials),
      unreachable(/was made for another name \(localhost, 127\.0\.0\.1.*\)/),
    )
    await assert.rejects(carrier({ cloudCaFile: '/nowhere.pem' }).carry(consignment, credentials), unreachable(/cannot be read \(ENOENT\)/))
  })

  it('says that no address is set', async () => {
    await assert.rejects(carrier({ cloudUrl: undefined }).carry(consignment, credentials), unreachable(/^No address of the cloud is set\./))
  })

  it('says that something without TLS answers there', async () => {
    const server = createPlainServer(socket => socket.end('HTTP/1.1 200 OK\r\n\r\n')).listen(0)
    const { port } = server.address() as AddressInfo
    await assert.rejects(
      carrier({ cloudUrl: `https://localhost:${port}` }).carry(consignment, credentials),
      unreachable(/does not speak TLS as it should/),
    )
    server.close()
  })

  describe('to one that behaves as ours would not', () => {
    const files = openSsl()
    let server: Server
    let url: string
    let answer: (request: IncomingMessage, response: ServerResponse) => void
    let calls: string[]

    before(async () => {
      const now = new Date()
      const root = await makeTlsRoot('test', now)
      const leaf = await makeTlsCertificate(openIssuer(root.pem, root.privateKey), ['localhost'], now)
      writeFileSync(join(files.folder, 'root.pem'), root.pem)
      server = createServer({ key: privateKeyPem(leaf.privateKey), cert: leaf.pem }, async (request, response) => {
        calls.push(request.url!)
        await request.toArray()
        if (request.url === '/as/token.oauth2') response.end(JSON.stringify({ access_token: 'a', token_type: 'Bearer', expires_in: 3599 }))
        else answer(request, response)
      })
      await new Promise<void>(resolve => server.listen(0, resolve))
      url = `https://localhost:${(server.address() as AddressInfo).port}`
    })
    after(() => {
      server?.closeAllConnections()
      server?.close()
      files.remove()
    })
    beforeEach(() => {
      calls = []
    })

    const carry = (limits = {}) =>
      openNetworkCarrier({ cloudUrl: url, cloudCaFile: join(files.folder, 'root.pem'), limits, pauses: [0] }).carry(
        consignment,
        credentials,
      )
    const says = (status: number, body: unknown, headers = {}) => {
      answer = (_request, response) => response.writeHead(status, headers).end(JSON.stringify(body))
    }

    it('tells who calls, for whom', async () => {
      let headers: IncomingMessage['headers'] = {}
      answer = (request, response) => {
        headers = request.headers
        response.end(JSON.stringify({ status: 'FAILED', message_code: 'X', message: 'No.' }))
      }
      await carry()
      assert.equal(headers['x-csw-smart-account-id'], '100001')
      assert.equal(headers['x-csw-virtual-account-id'], undefined)
      assert.deepEqual(JSON.parse(headers['x-csw-requesting-system'] as string), { uuid: consignment.serverUuid })
      assert.equal(headers['content-type'], 'application/json')
    })

    it('gives up on a second 401', async () => {
      says(401, {})
      await assert.rejects(carry(), unreachable(/does not let this client in/))
      assert.deepEqual(
        calls.map(call => call.split('/').at(-1)),
        ['token.oauth2', 'synchronization', 'token.oauth2', 'synchronization'],
      )
    })

    it('gives up when there is silence, and when it takes too long altogether', async () => {
      answer = () => {}
      await assert.rejects(carry({ silence: 50 }), unreachable(/did not answer in time/))
      answer = (_request, response) => {
        const drip = setInterval(() => response.write(' '), 10)
        response.on('close', () => clearInterval(drip))
      }
      await assert.rejects(carry({ deadline: 150 }), unreachable(/did not answer in time/))
    })

    it('stops reading an answer that is too large', async () => {
      answer = (_request, response) => {
        const flood = () => {
          while (!response.destroyed && response.write('x'.repeat(65_536))) {}
        }
        response.on('drain', flood)
        flood()
      }
      await assert.rejects(carry({ bytes: 1_000_000 }), unreachable(/larger than is allowed/))
    })

    it('says that the line broke, that the cloud is in trouble, and that what answers is no cloud', async () => {
      answer = request => request.socket.destroy()
      await assert.rejects(carry(), unreachable(/broke off/))
      says(502, {})
      await assert.rejects(carry(), unreachable(/in trouble \(HTTP 502\)/))
      says(302, {}, { Location: 'https://elsewhere.invalid/' })
      await assert.rejects(carry(), unreachable(/sends us elsewhere \(HTTP 302\)/))
      for (const body of [{}, 'hello', { status: 'COMPLETE', data: { synchronizations: [] } }, { status: 'OK_POLL' }]) {
        says(200, body)
        await assert.rejects(carry(), unreachable(/was not understood/))
      }
    })

    it('says that it is too much at once', async () => {
      says(413, {}, { 'X-Payload-Entities-Max-Limit': '100' })
      await assert.rejects(carry(), { code: 'CLOUD_REFUSED', message: /at most 100 items .* cannot be cut into smaller ones/ })
      says(413, {})
      await assert.rejects(carry(), {
        code: 'CLOUD_REFUSED',
        message: /^Something on the way to the cloud does not take a request this large/,
      })
    })

    it('takes a container as an object or as a text, and an answer to another question not at all', async () => {
      const complete = (file: unknown, nonce?: string) => ({ status: 'COMPLETE', nonce, data: { synchronizations: [{ file }] } })
      says(200, complete({ format: 'slx/1' }))
      assert.deepEqual(await carry(), { status: 'complete', container: '{"format":"slx/1"}' })
      says(200, complete('{"format":"slx/1"}'))
      assert.deepEqual(await carry(), { status: 'complete', container: '{"format":"slx/1"}' })
      says(200, complete('{}', 'not ours'))
      const asking = openNetworkCarrier({ cloudUrl: url, cloudCaFile: join(files.folder, 'root.pem') }).ask('7', credentials)
      await assert.rejects(asking, unreachable(/was not understood/))
      says(202, { status: 'OK_POLL', poll_id: 773126444402, poll_interval: 300 })
      assert.deepEqual(await carry(), { status: 'waiting', pollId: '773126444402', intervalSeconds: 300 })
    })
  })
})
