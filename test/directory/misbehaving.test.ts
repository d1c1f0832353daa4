import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import type { Directory } from '../../src/directory/failover.ts'
import { DirectoryFault } from '../../src/directory/fault.ts'
import { recognise } from '../../src/directory/people.ts'
import { openPlainPeer, type Peer } from '../support/tlsPeer.ts'

/** LDAP on the wire, by hand: what a real directory cannot be made to say. Lengths are below 128. */
const wrap = (tag: number, ...parts: Uint8Array[]) => {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([tag, body.length]), body])
}
const text = (value: string) => wrap(0x04, Buffer.from(value))
const number = (value: number, tag = 0x02) => Buffer.from([tag, 1, value])
const result = (code: number) => [number(code, 0x0a), text(''), text('')]
const message = (id: number, tag: number, ...parts: Buffer[]) => wrap(0x30, number(id), wrap(tag, ...parts))
const attribute = (name: string, value: string) => wrap(0x30, text(name), wrap(0x31, text(value)))
const bindAnswer = (id: number, code: number) => message(id, 0x61, ...result(code))
const searchEnd = (id: number, code = 0) => message(id, 0x65, ...result(code))
const found = (id: number, dn: string) => message(id, 0x64, text(dn), wrap(0x30, attribute('uid', 'eve'), attribute('cn', 'Eve')))

/** Answers each request by its number: id, and which it is (0x60 a bind, 0x63 a search). */
const answering = (answer: (id: number, tag: number) => Buffer[]) => (socket: Socket) =>
  void socket.on('data', data => {
    const at = data[1]! & 0x80 ? 2 + (data[1]! & 0x7f) : 2
    for (const each of answer(data[at + 2]!, data[at + 3]!)) socket.write(each)
  })

describe('a directory that misbehaves', () => {
  const peers: Peer[] = []
  afterEach(async () => {
    for (const peer of peers.splice(0)) await peer.close()
  })

  async function asked(conduct: (socket: Socket) => void, password = 'any'): Promise<string> {
    const peer = await openPlainPeer(conduct)
    peers.push(peer)
    const directory: Directory = {
      settings: {
        servers: [{ host: '127.0.0.1', port: peer.port }],
        security: 'none',
        bindName: null,
        userBase: 'dc=example',
        userFilter: '(uid={username})',
        usernameAttribute: 'uid',
        nameAttribute: 'cn',
        emailAttribute: 'mail',
        groupBase: 'dc=example',
        groupFilter: '(objectClass=group)',
        memberAttribute: 'member',
        nesting: 'recursive',
      },
      bindPassword: null,
      authorities: [],
      limits: { connect: 2000, answer: 400, server: 1500 },
    }
    try {
      const answer = await recognise(directory, 'eve', password, new Date())
      return 'reason' in answer ? `refused: ${answer.reason}` : `let in, in ${answer.groups.length} groups`
    } catch (error) {
      if (!(error instanceof DirectoryFault)) throw error
      return `${error.step}: ${error.message}`
    }
  }

  it('and says nothing does not hold a sign-in up', async () => assert.match(await asked(() => {}), /does not answer in time/))

  it('and hangs up does not', async () => assert.match(await asked(socket => socket.end()), /broke the connection off/))

  it('and sends what is no LDAP does not', async () => {
    assert.match(await asked(socket => void socket.on('data', () => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'))), /^search: /)
  })

  it('and sends entries without an end does not', async () => {
    // Entries come on and on, and never the end of the search.
    assert.match(await asked(answering(id => Array.from({ length: 50 }, () => found(id, 'uid=eve,dc=example')))), /does not answer in time/)
  })

  it('and vouches for an entry without a name lets nobody in', async () => {
    const nameless = answering((id, tag) => (tag === 0x60 ? [bindAnswer(id, 0)] : [found(id, ''), searchEnd(id)]))
    assert.match(await asked(nameless), /refused: the directory has nobody/)
  })

  it('and is busy with the password, or refers elsewhere, lets nobody in', async () => {
    const at = (code: number) =>
      answering((id, tag) => (tag === 0x60 ? [bindAnswer(id, code)] : [found(id, 'uid=eve,dc=example'), searchEnd(id)]))
    assert.match(await asked(at(51)), /^password: /)
    assert.match(await asked(at(10)), /refused: .*refers to another server/)
    assert.match(await asked(at(49)), /refused: .*password is wrong/)
  })

  it('and refers a search elsewhere is not followed', async () => {
    assert.match(await asked(answering(id => [searchEnd(id, 10)])), /refers to another server.*which is not followed/)
  })

  it('and has groups in a circle comes to an end', async () => {
    const circle = answering((id, tag) => (tag === 0x60 ? [bindAnswer(id, 0)] : [found(id, 'uid=eve,dc=example'), searchEnd(id)]))
    assert.equal(await asked(circle), 'let in, in 1 groups')
  })
})
