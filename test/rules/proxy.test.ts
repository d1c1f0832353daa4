import assert from 'node:assert/strict'
import { isIP } from 'node:net'
import fc from 'fast-check'
import { checkProxyPassword, checkProxyUser, goesWithout, proxyAddress, readProxyAddress, readWithout } from '../../src/rules/proxy.ts'

describe('the address of a proxy', () => {
  const refused = (text: string, message: RegExp) =>
    assert.throws(() => readProxyAddress(text), { name: 'Refusal', code: 'INVALID', field: 'address', message }, text)

  it('names http:// or https://, host and port', () => {
    assert.deepEqual(readProxyAddress(' HTTP://Proxy.example.com:3128/ '), { scheme: 'http', host: 'Proxy.example.com', port: 3128 })
    assert.deepEqual(readProxyAddress('https://[2001:db8::1]:443'), { scheme: 'https', host: '2001:db8::1', port: 443 })
    assert.equal(proxyAddress({ scheme: 'https', host: '2001:db8::1', port: 443 }), 'https://[2001:db8::1]:443')
  })

  it('is refused otherwise, with what is wrong', () => {
    for (const text of ['', 'proxy.example.com:3128', '//proxy:3128', 'http:proxy']) refused(text, /begins with http:\/\/ or https:\/\//)
    for (const text of ['socks5://proxy:1080', 'ftp://proxy:21']) refused(text, /over http:\/\/ or https:\/\/, not over (socks5|ftp):\/\//)
    for (const text of ['http://proxy', 'http://proxy:0', 'http://proxy:65536', 'https://[::1]']) refused(text, /^Name the port/)
    refused('http://courier:secret@proxy:3128', /into their own fields/)
    for (const text of ['http://', 'http://proxy:3128/path', 'http://proxy:3128?x', 'http://proxy:http']) refused(text, /and nothing else/)
    for (const text of ['http://pro xy:1', 'http://-x:1', 'http://256.1.1.1:1', 'http://[1.2.3.4]:1', 'http://[proxy]:1', 'http://a..b:1'])
      refused(text, /is neither a host name nor an address/)
  })

  it('is read as it is written, whatever it is', () => {
    const host = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6())
    fc.assert(
      fc.property(fc.constantFrom('http' as const, 'https' as const), host, fc.integer({ min: 1, max: 65_535 }), (scheme, name, port) => {
        assert.deepEqual(readProxyAddress(proxyAddress({ scheme, host: name, port })), { scheme, host: name, port })
      }),
    )
  })

  it('is read or refused, and never a fault', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(...'[]:@/.a1'), maxLength: 20 }).map(rest => `http://${rest}`),
    )
    const read = (given: string) => {
      try {
        return proxyAddress(readProxyAddress(given))
      } catch (error) {
        return (error as Error).name
      }
    }
    fc.assert(fc.property(text, given => read(given) === 'Refusal' || URL.canParse(read(given))))
  })

  it('goes with a user and a password that Basic can say', () => {
    assert.equal(checkProxyUser('jörg'), 'jörg')
    assert.equal(checkProxyPassword('a:b'), 'a:b')
    assert.throws(() => checkProxyUser('a:b'), { field: 'user', message: /colon/ })
    assert.throws(() => checkProxyPassword('a\r\nX: y'), { field: 'password' })
  })
})

describe('hosts that go without the proxy', () => {
  it('are names with what is below them, addresses and networks', () => {
    const without = readWithout([
      ' Example.com ',
      '*.lab.test',
      '.corp.test',
      '10.0.0.0/8',
      '192.0.2.7',
      '2001:db8::/32',
      'example.com',
      '',
    ])
    assert.deepEqual(without, ['example.com', '*.lab.test', '.corp.test', '10.0.0.0/8', '192.0.2.7', '2001:db8::/32'])
    for (const host of ['example.com', 'CLOUD.example.com', 'a.b.lab.test', 'x.corp.test', '10.1.2.3', '192.0.2.7', '[2001:db8::5]'])
      assert.ok(goesWithout(host, without), host)
    for (const host of ['notexample.com', 'example.com.evil', 'lab.test', 'corp.test', '11.0.0.1', '192.0.2.8', '[2001:db9::1]', '10.evil'])
      assert.ok(!goesWithout(host, without), host)
  })

  it('are refused when they are none of these', () => {
    for (const entry of ['http://a', 'a b', '10.0.0.0/33', '10.0.0/8', '::1/129', '*', 'a/8', '**.a'])
      assert.throws(() => readWithout([entry]), { code: 'INVALID', field: 'without' }, entry)
    assert.throws(() => readWithout(Array.from({ length: 101 }, (_, number) => `h${number}`)), { field: 'without' })
  })

  it('hold every host of a name and none of another', () => {
    fc.assert(
      fc.property(fc.domain(), fc.domain(), (one, other) => {
        assert.ok(goesWithout(`www.${one}`, readWithout([one])))
        assert.equal(goesWithout(other, readWithout([one])), other === one || other.endsWith(`.${one}`))
      }),
    )
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), address => {
        assert.ok(goesWithout(address, readWithout([address])))
        assert.ok(goesWithout(address, readWithout([isIP(address) === 4 ? '0.0.0.0/0' : '::/0'])))
      }),
    )
  })
})
