import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { connect as connectTls } from 'node:tls'
import { testClock } from '../support/clock.ts'
import { testContext } from '../support/context.ts'
import { createTestDatabase } from '../support/database.ts'
import { type OpenDoor, openOn, openTestDoor } from '../support/deviceDoor.ts'
import { ask, type HttpQuestion } from '../support/http.ts'
import { inCallHome } from '../support/product.ts'
import { until } from '../support/until.ts'

const [smart, callHome] = ['/SmartTransport', '/Transportgateway/services/DeviceRequestHandler']
const largest = 3_145_728
const json = { 'Content-Type': 'application/json' }
const overSize = '{"request":["The message exceeds 3145728 bytes."]}'

describe('the device door on HTTP', () => {
  let open: OpenDoor
  let at: string

  before(async () => {
    open = await openTestDoor()
    at = `http://localhost:${open.around.httpPort}`
  })
  after(() => open.close())

  const hello = () => open.product().compose('HELLO', {})
  const say = (path: string, question: HttpQuestion) => ask(at + path, question)

  it('serves both paths on IPv4 and IPv6, with TLS and without', async () => {
    const { httpPort, httpsPort, tlsRoot } = open.around
    for (const host of ['127.0.0.1', '[::1]']) {
      for (const [url, ca] of [[`http://${host}:${httpPort}`], [`https://${host}:${httpsPort}`, tlsRoot]] as const) {
        const one = await ask(url + smart, { headers: json, body: hello(), ...(ca && { ca }) })
        assert.equal(JSON.parse(JSON.parse(one.body).response).status, 'OK')
        const other = await ask(url + callHome, { headers: { 'Content-Type': 'text/xml' }, body: inCallHome(hello()), ...(ca && { ca }) })
        assert.match(other.body, /smart_licensing_data/)
      }
    }
  })

  it('says neither who it is nor anything to keep: no Server, no cookie', async () => {
    const answers = [
      await say(smart, { headers: json, body: hello() }),
      await say(smart, { method: 'GET' }),
      await say('/', { method: 'GET' }),
      await say(smart, { headers: json, body: 'x' }),
    ]
    for (const { headers } of answers) {
      assert.deepEqual(
        ['server', 'x-powered-by', 'set-cookie', 'etag'].filter(name => name in headers),
        [],
      )
    }
  })

  it('answers any method but POST with 405 and says which it takes', async () => {
    for (const path of [smart, callHome]) {
      for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE']) {
        const { status, headers, body } = await say(path, { method })
        assert.deepEqual([status, headers.allow, body], [405, 'POST', ''], method)
      }
    }
  })

  it('knows no other path, however much it looks like one', async () => {
    for (const path of [
      '/',
      '/smarttransport',
      '/SmartTransport/',
      '//SmartTransport',
      '/SmartTransport/../admin',
      '/cslu/v1/pi/x-1',
      '/__proto__',
      '/%00',
    ]) {
      assert.equal((await say(path, { headers: json, body: hello() })).status, 404, path)
    }
    assert.equal((await say(`${smart}?anything`, { headers: json, body: hello() })).status, 200)
  })

  it('takes the types of each transport, in UTF-8, and no other', async () => {
    const status = async (path: string, type: string) => {
      const body = path === smart ? hello() : inCallHome(hello())
      return (await say(path, { headers: type ? { 'Content-Type': type } : {}, body })).status
    }
    for (const type of ['application/json', 'application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"'])
      assert.equal(await status(smart, type), 200)
    for (const type of ['text/xml', 'application/soap+xml; charset=utf-8; action="x"', 'application/xml'])
      assert.equal(await status(callHome, type), 200)
    for (const type of ['', 'text/plain', 'text/xml', 'application/json; charset=latin1', 'application/x-www-form-urlencoded']) {
      assert.equal(await status(smart, type), 415, type)
    }
    for (const type of ['', 'application/json', 'text/html', 'text/xml; charset=utf-16'])
      assert.equal(await status(callHome, type), 415, type)
  })

  it('answers Call Home in the type it was asked in', async () => {
    for (const type of ['text/xml', 'application/soap+xml']) {
      const { headers } = await say(callHome, { headers: { 'Content-Type': type }, body: inCallHome(hello()) })
      assert.equal(headers['content-type'], `${type}; charset=utf-8`)
    }
  })

  it('takes no compressed body', async () => {
    for (const coding of ['gzip', 'br', 'deflate', 'identity, gzip']) {
      assert.equal((await say(smart, { headers: { ...json, 'Content-Encoding': coding }, body: hello() })).status, 415)
    }
    assert.equal((await say(smart, { headers: { ...json, 'Content-Encoding': 'identity' }, body: hello() })).status, 200)
  })

  it('wants a length, or chunks that it can count', async () => {
    const { status } = await raw(`POST ${smart} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\r\n`)
    assert.equal(status, 411)
    assert.equal((await say(smart, { headers: { ...json, 'Transfer-Encoding': 'chunked' }, body: hello() })).status, 200)
  })

  it('lets 3 145 728 bytes in and not one more, by their length or by their number', async () => {
    const filled = (size: number) => {
      const message = hello()
      return message + ' '.repeat(size - Buffer.byteLength(message))
    }
    for (const headers of [json, { ...json, 'Transfer-Encoding': 'chunked' }]) {
      assert.equal((await say(smart, { headers, body: filled(largest) })).status, 200)
      const refused = await say(smart, { headers, body: filled(largest + 1) })
      assert.deepEqual([refused.status, refused.body], [413, overSize])
    }
  })

  it('refuses a body that is too large before it comes, and in the words of the transport', async () => {
    const head = (path: string, type: string, more = '') =>
      raw(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: ${largest + 1}\r\n${more}\r\n`)
    const asked = await head(smart, 'application/json', 'Expect: 100-continue\r\n')
    assert.deepEqual([asked.status, asked.body], [413, overSize])
    const soap = await head(callHome, 'text/xml')
    assert.equal(soap.status, 413)
    assert.match(soap.body, /<soap-env:Value>soap-env:Sender<\/soap-env:Value>.*exceeds 3145728 bytes/s)
  })

  it('lets a product go on that asks first whether it may send', async () => {
    const message = hello()
    const socket = connect(open.around.httpPort, 'localhost')
    socket.write(
      `POST ${smart} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${message.length}\r\nExpect: 100-continue\r\n\r\n`,
    )
    const [first] = await once(socket, 'data')
    assert.match(String(first), /^HTTP\/1.1 100 Continue/)
    socket.write(message)
    assert.match(await text(socket), /^HTTP\/1.1 200 OK/)
  })

  it('reads no header beyond 8 KiB', async () => {
    assert.equal((await say(smart, { headers: { ...json, 'X-Long': 'x'.repeat(9000) }, body: hello() })).status, 431)
  })

  it('keeps a connection for the next message', async () => {
    const socket = connect(open.around.httpPort, 'localhost')
    for (const turn of [1, 2]) {
      const message = hello()
      socket.write(
        `POST ${smart} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${message.length}\r\n\r\n${message}`,
      )
      const [answer] = await once(socket, 'data')
      assert.match(String(answer), /^HTTP\/1.1 200 OK/, `message ${turn}`)
    }
    socket.destroy()
  })

  it('is not disturbed by a product that goes away in the middle', async () => {
    const socket = connect(open.around.httpPort, 'localhost')
    socket.write(`POST ${smart} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"half":`)
    await once(socket, 'connect')
    socket.resetAndDestroy()
    assert.equal((await say(smart, { headers: json, body: hello() })).status, 200)
    assert.equal(open.context.logged.filter(line => line.includes('"level":50')).length, 0, 'nothing is called an error')
  })

  it('speaks TLS 1.2 and 1.3, with forward secrecy, and nothing older', async () => {
    const session = async (options: object) => {
      const socket = connectTls({ port: open.around.httpsPort, host: 'localhost', ca: open.around.tlsRoot, ...options })
      await once(socket, 'secureConnect')
      const spoken = { protocol: socket.getProtocol(), cipher: socket.getCipher().name }
      socket.destroy()
      return spoken
    }
    assert.equal((await session({})).protocol, 'TLSv1.3')
    assert.match((await session({ maxVersion: 'TLSv1.2' })).cipher, /^ECDHE-.*GCM/)
    await assert.rejects(session({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }))
    await assert.rejects(session({ maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' }))
  })

  it('resumes a TLS session by its ticket', async () => {
    const options = { port: open.around.httpsPort, host: 'localhost', ca: open.around.tlsRoot }
    const first = connectTls(options)
    const [session] = await once(first, 'session')
    first.destroy()
    const second = connectTls({ ...options, session })
    await once(second, 'secureConnect')
    assert.ok(second.isSessionReused())
    second.destroy()
  })

  it('counts what it takes and what it refuses', async () => {
    const of = (type: string, transport: string, result: string) =>
      open.door.counters().find(entry => entry.type === type && entry.transport === transport && entry.result === result)?.count ?? 0
    const before = [of('HELLO', 'smart-transport', 'OK'), of('unread', 'call-home', '405')]
    await say(smart, { headers: json, body: hello() })
    await say(callHome, { method: 'GET' })
    assert.deepEqual(
      [of('HELLO', 'smart-transport', 'OK'), of('unread', 'call-home', '405')],
      before.map(count => count + 1),
    )
  })

  /** Says exactly these bytes and reads one answer. */
  async function raw(request: string) {
    const socket: Socket = connect(open.around.httpPort, 'localhost')
    socket.write(request)
    const chunks: Buffer[] = []
    socket.on('data', chunk => chunks.push(chunk))
    const whole = () => {
      const [head, body] = Buffer.concat(chunks).toString().split('\r\n\r\n')
      const length = Number(/content-length: (\d+)/i.exec(head!)?.[1] ?? 0)
      return body !== undefined && Buffer.byteLength(body) >= length ? { status: Number(head!.slice(9, 12)), body } : undefined
    }
    await until(whole)
    socket.destroy()
    return whole()!
  }
})

describe('the device door before the first Local Account is registered', () => {
  it('answers 503 and when to come again, because there is nobody to sign', async () => {
    const database = await createTestDatabase()
    const { door } = await openOn(testContext(database.storage, testClock()))
    const at = `http://localhost:${door.httpPort}`
    try {
      const answer = await ask(at + smart, { headers: json, body: '{}' })
      assert.deepEqual([answer.status, answer.headers['retry-after']], [503, '60'])
      const soap = await ask(at + callHome, { headers: { 'Content-Type': 'text/xml' }, body: inCallHome('{}') })
      assert.deepEqual([soap.status, soap.headers['retry-after']], [503, '60'])
      assert.match(soap.body, /soap-env:Receiver/)
    } finally {
      await door.close()
      await database.drop()
    }
  })
})
