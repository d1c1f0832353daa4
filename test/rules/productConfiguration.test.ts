import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  checkProductNetwork,
  configurationOf,
  type ProductNetwork,
  productSystems,
  transportOf,
} from '../../src/rules/productConfiguration.ts'
import { Refusal } from '../../src/rules/refusal.ts'

const server = {
  smartUrl: 'https://licenses.example.com/SmartTransport',
  callHomeUrl: 'https://licenses.example.com/Transportgateway/services/DeviceRequestHandler',
  secure: true,
  root: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
}
const network = (given: Partial<ProductNetwork> = {}): ProductNetwork => ({
  system: 'ios-xe',
  transport: 'smart',
  host: 'licenses.example.com',
  vrf: '',
  interface: '',
  nameServer: '',
  address: '',
  trustpoint: 'QUARTERMASTER',
  ...given,
})
const linesOf = (given: Partial<ProductNetwork> = {}, token = 'TOKEN') =>
  configurationOf(checkProductNetwork(network(given)), server, token).flatMap(({ lines }) => lines)
const ways = productSystems.flatMap(({ id, transports }) => transports.map(transport => ({ system: id, transport })))

describe('the configuration of a product', () => {
  it('is, for IOS XE over Smart Transport in a VRF, what its administrator types', () => {
    const given = { vrf: 'Mgmt-vrf', interface: 'GigabitEthernet0', nameServer: '192.0.2.53' }
    assert.deepEqual(linesOf(given, 'secret'), [
      'ip name-server vrf Mgmt-vrf 192.0.2.53',
      'crypto pki trustpoint QUARTERMASTER',
      ' enrollment terminal',
      ' revocation-check none',
      'crypto pki authenticate QUARTERMASTER',
      '-----BEGIN CERTIFICATE-----',
      'MIIB',
      '-----END CERTIFICATE-----',
      'quit',
      'ip http client source-interface GigabitEthernet0',
      'license smart transport smart',
      'license smart url https://licenses.example.com/SmartTransport',
      'license smart register idtoken secret',
      'show license status',
    ])
  })

  for (const way of ways) {
    it(`names the address, the trustpoint, the root and the token for ${way.system} over ${way.transport}`, () => {
      const text = linesOf(way, 'secret-token').join('\n')
      assert.ok(text.includes(way.transport === 'smart' ? server.smartUrl : server.callHomeUrl))
      for (const part of ['QUARTERMASTER', 'MIIB', 'license smart register idtoken secret-token']) assert.ok(text.includes(part), part)
    })
  }

  it('has an IPv6 host where the product has no name server, in the words of its system', () => {
    const lineOf = (system: ProductNetwork['system']) => linesOf({ system, address: '2001:db8::5', transport: 'call-home' })[0]
    assert.equal(lineOf('ios-xe'), 'ipv6 host licenses.example.com 2001:db8::5')
    assert.equal(lineOf('ios-xr'), 'domain ipv6 host licenses.example.com 2001:db8::5')
    assert.equal(lineOf('nx-os'), 'ipv6 host licenses.example.com 2001:db8::5')
  })

  it('trusts nobody where nothing is encrypted', () => {
    const parts = configurationOf(network({ transport: 'call-home' }), { ...server, secure: false }, 'TOKEN')
    assert.deepEqual(
      parts.map(({ id }) => id),
      ['transport', 'registration'],
    )
  })

  it('offers a system only the transports that it has', () => {
    assert.equal(transportOf('nx-os', 'smart'), 'call-home')
    assert.equal(transportOf('asa', 'smart'), 'smart')
    assert.equal(transportOf('ios-xr', undefined), 'smart')
  })

  it('refuses a VRF without the interface that leads into it, at the field that is missing', () => {
    const refused = (given: Partial<ProductNetwork>) => {
      try {
        checkProductNetwork(network(given))
      } catch (error) {
        return (error as Refusal).field
      }
      return undefined
    }
    assert.equal(refused({ vrf: 'Mgmt-vrf' }), 'interface')
    assert.equal(refused({ vrf: 'Mgmt-vrf', transport: 'call-home' }), undefined)
    assert.equal(refused({ nameServer: 'dns.example.com' }), 'nameServer')
    assert.equal(refused({ host: 'two words' }), 'host')
  })

  it('lets nothing that somebody types become a line of its own', () => {
    const texts = fc.record({
      host: fc.string(),
      vrf: fc.string(),
      interface: fc.string(),
      nameServer: fc.string(),
      address: fc.string(),
      trustpoint: fc.string(),
    })
    const mean = fc.constantFrom('a\nreload', 'a b', 'x;y', 'é', '"', 'mgmt', 'Gi0/0', '192.0.2.1', '2001:db8::1')
    const given = fc.oneof(texts, fc.record({ host: mean, vrf: mean, interface: mean, nameServer: mean, address: mean, trustpoint: mean }))
    const expected = new Map(ways.map(way => [`${way.system} ${way.transport}`, 40]))
    fc.assert(
      fc.property(given, fc.constantFrom(...ways), (fields, way) => {
        let lines: string[]
        try {
          lines = linesOf({ ...fields, ...way })
        } catch (error) {
          return error instanceof Refusal
        }
        assert.ok(lines.length < expected.get(`${way.system} ${way.transport}`)!)
        return lines.every(
          line =>
            /^ {0,2}[\w"/.:%<>+=-]+( [\w"/.:%+=-]+)*( *)$/.test(line) ||
            /^-----(BEGIN|END) CERTIFICATE-----$/.test(line) ||
            // The one line with a sign that nobody may type; it is ours.
            /^ (email-contact|contact-email-addr) licenses@example\.com$/.test(line),
        )
      }),
      { numRuns: 2000 },
    )
  })
})
