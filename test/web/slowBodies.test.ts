import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { setTimeout as after } from 'node:timers/promises'
import { endSlowBodies } from '../../src/web/slowBodies.ts'

/** How often it is looked. Long enough that a busy machine sends something in between, short enough for several looks at one body. Milliseconds. */
const lookEvery = 500
const pieces = 100

/** A body of 100 pieces, each of so many bytes, one every 20 ms; gives what the server said, which is nothing when it hung up. */
async function send(port: number, bytesEach: number): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let said = ''
  socket.on('data', data => {
    said += data
  })
  socket.on('error', () => {})
  const closed = new Promise(resolve => socket.once('close', resolve))
  socket.write(`POST / HTTP/1.1\r\nHost: here\r\nConnection: close\r\nContent-Length: ${pieces * bytesEach}\r\n\r\n`)
  for (let piece = 0; piece < pieces && !socket.destroyed; piece++) {
    socket.write(Buffer.alloc(bytesEach))
    await after(20)
  }
  await closed
  return said
}

describe('the body of a request', () => {
  let server: Server
  let stop: () => void
  let isRead: boolean
  const port = () => (server.address() as AddressInfo).port

  beforeEach(async () => {
    isRead = true
    server = createServer(async (request, response) => {
      if (!isRead) await after(2 * lookEvery)
      request.resume().once('end', () => response.end('all of it'))
    })
    stop = endSlowBodies(server, { bytesPerSecond: 10_000, lookEvery })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  })
  afterEach(async () => {
    stop()
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })

  it('is waited for as long as it comes on', async () => assert.match(await send(port(), 100_000), /all of it$/))

  it('is not waited for when it drips', async () => assert.equal(await send(port(), 1), ''))

  it('is not blamed for what the server does not read', async () => {
    isRead = false
    assert.match(await send(port(), 100_000), /all of it$/)
  })
})
