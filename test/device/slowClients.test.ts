import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { openBodyReader } from '../../src/device/body.ts'
import { type OpenDoor, openTestDoor } from '../support/deviceDoor.ts'
import { ask } from '../support/http.ts'
import { until } from '../support/until.ts'

const head = (length: number) =>
  `POST /SmartTransport HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`

/** Ends when the other side ends it, by a reset too: `once` of node:events would throw that. */
async function ended(socket: Socket): Promise<void> {
  socket.on('error', () => undefined).resume()
  if (!socket.closed) await new Promise(resolve => socket.once('close', resolve))
}

describe('clients that are slow, or silent', () => {
  let open: OpenDoor
  const sockets: Socket[] = []

  before(async () => {
    const patience = { handshake: 100, header: 100, message: 200, idle: 100, still: 300, check: 50 }
    open = await openTestDoor({ patience })
  })
  after(async () => {
    for (const socket of sockets) socket.destroy()
    await open.close()
  })

  const dial = (port = open.around.httpPort): Socket => {
    const socket = connect(port, '127.0.0.1')
    sockets.push(socket)
    return socket
  }

  it('that say nothing at all are let go', async () => {
    await Promise.all(Array.from({ length: 20 }, () => ended(dial())))
  })

  it('that never end their header are let go, however busily they send', async () => {
    const socket = dial()
    socket.write('POST /SmartTransport HTTP/1.1\r\nHost: x\r\n')
    const timer = setInterval(() => socket.write('X-More: 1\r\n'), 20)
    await ended(socket)
    clearInterval(timer)
  })

  it('that never end their body are let go, however busily they send, and its room is free again', async () => {
    const socket = dial()
    socket.write(head(3_000_000))
    const timer = setInterval(() => socket.write('{'), 20)
    await ended(socket)
    clearInterval(timer)
  })

  it('that do not shake hands are let go', async () => {
    await ended(dial(open.around.httpsPort))
    const half = dial(open.around.httpsPort)
    half.write(Buffer.from('160301020001', 'hex'))
    await ended(half)
  })

  it('that shake hands and then say nothing are let go', async () => {
    const socket = connectTls({ port: open.around.httpsPort, host: 'localhost', ca: open.around.tlsRoot })
    sockets.push(socket)
    await once(socket, 'secureConnect')
    await ended(socket)
  })

  it('that keep a connection and send nothing more are let go', async () => {
    const socket = dial()
    const message = open.product().compose('HELLO', {})
    socket.write(head(Buffer.byteLength(message)) + message)
    await once(socket, 'data')
    await ended(socket)
  })

  it('do not keep a product waiting', async () => {
    for (let count = 0; count < 200; count++)
      dial()
        .on('error', () => undefined)
        .write(head(1000))
    assert.equal((await open.product().say('HELLO')).status, 'OK')
  })
})

describe('a client that asks and asks and never reads', () => {
  let open: OpenDoor

  before(async () => {
    open = await openTestDoor({ patience: { still: 300 } })
  })
  after(() => open.close())

  it('is let go, and what waits for it is bounded', async () => {
    const socket = connect(open.around.httpPort, '127.0.0.1').pause()
    const question = 'GET /SmartTransport HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1000)
    let isFull = false
    socket.on('error', () => undefined)
    // What is not taken fills the buffers of both sides, until this one is told to wait.
    for (let turn = 0; turn < 500 && !socket.destroyed; turn++) {
      isFull = !socket.write(question) || isFull
      await new Promise(resolve => setImmediate(resolve))
    }
    assert.ok(isFull)
    // Nothing is read here, so only a failed write tells that the other side is gone.
    await until(() => {
      if (!socket.destroyed) socket.write(' ')
      return socket.destroyed
    })
  })
})

describe('connections', () => {
  let open: OpenDoor

  before(async () => {
    open = await openTestDoor({ connections: 9 })
  })
  after(() => open.close())

  it('of one source are no more than its share, on both listeners together; those that end make room', async () => {
    const sockets: Socket[] = []
    const gone = () => sockets.filter(socket => socket.destroyed).length
    for (let count = 0; count < 12; count++) {
      const socket = connect(count % 2 ? open.around.httpPort : open.around.httpsPort, '127.0.0.1').on('error', () => undefined)
      sockets.push(socket)
      socket.resume()
      await once(socket, 'connect')
    }
    await until(() => gone() === 6)
    // Another source finds a place all the same.
    const question = { headers: { 'Content-Type': 'application/json' }, body: open.product().compose('HELLO', {}) }
    assert.equal((await ask(`http://[::1]:${open.around.httpPort}/SmartTransport`, question)).status, 200)
    for (const socket of sockets) socket.destroy()
    await until(async () => {
      const answer = await ask(`http://127.0.0.1:${open.around.httpPort}/SmartTransport`, question).catch(() => undefined)
      return answer?.status === 200
    })
  })
})

describe('the room for bodies', () => {
  const request = (...chunks: Buffer[]) =>
    ({
      complete: true,
      iterator: async function* () {
        yield* chunks
      },
    }) as never
  const held = <T>(value: T) => {
    let release!: () => void
    const until = new Promise<void>(resolve => {
      release = resolve
    })
    return { use: () => until.then(() => value), release }
  }

  it('is shared between sources, and given back when a message is answered', async () => {
    const read = openBodyReader(4000)
    const first = held('first')
    const reading = read(request(Buffer.alloc(1000)), 'a', first.use)
    const second = held('second')
    const readingToo = read(request(Buffer.alloc(1000)), 'a', second.use)
    assert.equal(await read(request(Buffer.alloc(100)), 'a', async () => 'third'), 'no room', 'its share is used up')
    assert.equal(await read(request(Buffer.alloc(100)), 'b', async body => body.length), 100)
    first.release()
    second.release()
    assert.deepEqual([await reading, await readingToo], ['first', 'second'])
    assert.equal(await read(request(Buffer.alloc(1000)), 'a', async () => 'again'), 'again')
  })

  it('counts what comes byte by byte for what it takes', async () => {
    const read = openBodyReader(100_000)
    const bytes = Array.from({ length: 1000 }, () => Buffer.alloc(1))
    assert.equal(await read(request(...bytes), 'a', async () => 'read'), 'no room')
    assert.equal(await read(request(...bytes.slice(0, 50)), 'a', async body => body.length), 50)
  })
})
