import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { checkReach, receiverRetryAt } from '../../src/rules/receivers.ts'
import { isInward, webhookHeaders, webhookSecret } from '../../src/rules/webhooks.ts'
import { openSsl } from '../support/openssl.ts'

describe('a webhook', () => {
  it('is signed as Standard Webhooks has it: openssl comes to the same', () => {
    const key = randomBytes(32)
    const body = '{"type":"test"}'
    const headers = webhookHeaders(key, { id: 'msg_1_2', body, at: new Date(1_700_000_000_000) })
    const ssl = openSsl()
    try {
      ssl.file('signed', `msg_1_2.1700000000.${body}`)
      ssl.run('dgst', '-sha256', '-mac', 'HMAC', '-macopt', `hexkey:${key.toString('hex')}`, '-binary', '-out', 'mac', 'signed')
      const { text } = ssl.run('base64', '-in', 'mac')
      assert.deepEqual(headers, { 'webhook-id': 'msg_1_2', 'webhook-timestamp': '1700000000', 'webhook-signature': `v1,${text.trim()}` })
      assert.equal(Buffer.from(webhookSecret(key).replace('whsec_', ''), 'base64').compare(key), 0)
    } finally {
      ssl.remove()
    }
  })

  it('never goes to this machine, its link, or where clouds keep secrets, however the address is written', () => {
    const inside = [
      ...['127.0.0.1', '127.9.9.9', '0.0.0.0', '169.254.169.254', '169.254.1.1', '224.0.0.1', '255.255.255.255', '100.100.100.200'],
      ...['::', '::1', 'fe80::1', 'fe80::1%eth0', 'ff02::1', 'fd00:ec2::254', '::ffff:127.0.0.1', '::ffff:7f00:1', '::127.0.0.1'],
      ...['64:ff9b::7f00:1', '64:ff9b::169.254.169.254', '64:ff9b:1::a9fe:a9fe', '2002:7f00::', '2002:7f00:1::', '2001::1', 'fec0::1'],
      ...['0:0:0:0:0:ffff:a9fe:a9fe', 'localhost', ''],
    ]
    assert.deepEqual(
      inside.filter(address => !isInward(address)),
      [],
    )
    const outside = [
      '192.0.2.1',
      '10.0.0.1',
      '192.168.1.1',
      '172.16.0.1',
      '198.51.100.7',
      'fd00::1',
      '2001:db8::1',
      '::ffff:192.0.2.1',
      '64:ff9b::c000:201',
    ]
    assert.deepEqual(outside.filter(isInward), [])
  })

  it('has an address of http or https and no user in it; a collector a host and a port', () => {
    const url = (text: string) => checkReach({ kind: 'webhook', settings: { url: text } })
    assert.deepEqual(url('https://Hooks.example.com/a?b=c#d').settings, { url: 'https://hooks.example.com/a?b=c' })
    for (const text of [
      '',
      'hooks',
      'ftp://a.b',
      'file:///etc/passwd',
      'https://ada:secret@a.b/',
      'javascript:alert(1)',
      `https://a.b/${'x'.repeat(2000)}`,
    ])
      assert.throws(() => url(text), { code: 'INVALID', field: 'url' })
    const syslog = (host: string, port: number) => checkReach({ kind: 'syslog', settings: { host, port, transport: 'tls' } })
    syslog('2001:db8::1', 6514)
    for (const [host, port] of [
      ['', 1],
      ['a b', 1],
      ['a', 0],
      ['a', 65_536],
      ['a', 1.5],
    ] as const)
      assert.throws(() => syslog(host, port), { code: 'INVALID' })
  })

  it('is tried again later and later, at least once an hour', () => {
    const now = new Date()
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), failures => {
        const wait = (count: number) => receiverRetryAt(count, now).getTime() - now.getTime()
        return wait(failures) <= wait(failures + 1) && wait(failures) >= 60_000 && wait(failures) <= 3_600_000
      }),
    )
  })
})
