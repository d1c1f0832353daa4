import assert from 'node:assert/strict'
import { paths } from '../../../src/web/paths.ts'
import type { HttpVisitor } from '../../support/httpVisitor.ts'
import { openRail, type Rail } from '../../support/rail.ts'

const { licensing } = paths

describe('registration tokens on their pages', () => {
  let rail: Rail
  let sam: HttpVisitor
  let uuid: string
  before(async () => {
    rail = await openRail(40)
    sam = await rail.signedIn('Sam')
    uuid = rail.fleet.uuid
  })
  after(() => rail.close())

  const form = (given: Record<string, string> = {}) => ({
    localVirtualAccount: String(rail.fleet.places.Campus),
    description: 'Station refit',
    expiresAfterDays: '30',
    maxUses: '',
    ...given,
  })
  const create = (given: Record<string, string> = {}) => sam.submit(licensing.newToken(uuid), licensing.tokens(uuid), form(given))
  const rowOf = async (description: string) => {
    const { text } = await sam.get(licensing.tokens(uuid))
    return text.split('<tr ').find(row => row.includes(description)) ?? ''
  }

  it('are created with 30 days unless somebody says otherwise, and lead to the secret', async () => {
    assert.match((await sam.get(licensing.newToken(uuid))).text, /name="expiresAfterDays" type="number" value="30"/)
    const answer = await create()
    assert.equal(answer.status, 303)
    const { text } = await sam.get(String(answer.headers.location))
    const secret = /id="secret">([^<]+)</.exec(text)?.[1]
    assert.match(Buffer.from(secret!, 'base64').toString(), /^[0-9a-f-]{36}-\d+\|/)
    assert.match(text, /The token is ready/)
    assert.match(await rowOf('Station refit'), /Campus[\s\S]*Usable[\s\S]*Not allowed[\s\S]*by sam/)
  })

  it('hide their secret in the list, show it as a page of its own, and give it as text to a button that copies', async () => {
    const { location } = (await create({ description: 'Hidden' })).headers
    const secret = /id="secret">([^<]+)</.exec((await sam.get(location!)).text)![1]!
    const list = await sam.get(licensing.tokens(uuid))
    assert.ok(!list.text.includes(secret))
    assert.ok(list.text.includes(`href="${location}"`), 'the link works without a script')
    assert.equal((await sam.get(location!, { accept: 'text/plain' })).text, secret)
    assert.equal((await sam.get(location!)).headers['cache-control'], 'no-store')
    assert.ok(!rail.context.logged.join('').includes(secret))
  })

  it('carry what the form says: days, uses, export-controlled functionality', async () => {
    await create({ description: 'Particular', expiresAfterDays: '9999', maxUses: '12', exportControlled: 'on' })
    assert.match(await rowOf('Particular'), /0 <span class="qm-quiet">of 12<\/span>[\s\S]*Allowed/)
  })

  it('are refused where a number does not fit, with the form as it was', async () => {
    const wrong = { expiresAfterDays: ['', '0', '10000', '-1', '1.5', 'soon'], maxUses: ['0', '-3', 'two', '1000001'] }
    for (const [field, values] of Object.entries(wrong)) {
      for (const value of values) {
        const answer = await create({ description: 'Keep me', exportControlled: 'on', [field]: value })
        assert.equal(answer.status, 422, `${field} ${value}`)
        assert.match(answer.text, new RegExp(`id="${field}"[^>]*aria-invalid="true"`), `${field} ${value}`)
        assert.match(answer.text, /value="Keep me"/)
        assert.match(answer.text, /id="exportControlled"[^>]* checked/)
      }
    }
    const long = await create({ description: 'x'.repeat(256) })
    assert.match(long.text, /Keep the description within 255 characters/)
    assert.equal(await rowOf('Keep me'), '')
  })

  it('are refused without a Local Virtual Account', async () => {
    const answer = await create({ localVirtualAccount: '' })
    assert.equal(answer.status, 422)
    assert.match(answer.text, /Choose a Local Virtual Account/)
  })

  it('are revoked after a question, show no secret any more, and stay in the list', async () => {
    const secretPath = String((await create({ description: 'To be revoked' })).headers.location)
    const path = secretPath.replace('/secret', '/revocation')
    assert.match((await sam.get(path)).text, /Revoke “To be revoked”\?[\s\S]*No product can register with it any more/)
    assert.match(await rowOf('To be revoked'), /Usable/)
    assert.equal((await sam.submit(path, path, {})).headers.location, licensing.tokens(uuid))
    assert.match(await rowOf('To be revoked'), /Revoked/)
    assert.doesNotMatch(await rowOf('To be revoked'), /secret|revocation/)
    assert.equal((await sam.get(secretPath)).status, 409)
    assert.match((await sam.get(`${licensing.events(uuid)}?kind=token+revoked`)).text, /To be revoked/)
  })

  it('are filtered by state and place', async () => {
    const descriptions = async (query: string) => {
      const { text } = await sam.get(licensing.tokens(uuid) + query)
      return [...text.matchAll(/data-label="Token">([^<]+?)\s*</g)].map(match => match[1])
    }
    assert.deepEqual(await descriptions('?state=used+up'), ['Depot routers, wave 1'])
    assert.deepEqual(await descriptions('?state=expired'), ['First rollout'])
    assert.deepEqual(await descriptions(`?place=${rail.fleet.places['Data centre']}`), ['Spine and leaf'])
  })

  it('stand beside the three addresses that a product needs, under the server’s own name', async () => {
    const { text } = await sam.get(licensing.tokens(uuid))
    const { deviceHttpPort, deviceHttpsPort } = rail.context.config
    const secure = `https://localhost${deviceHttpsPort === 443 ? '' : `:${deviceHttpsPort}`}`
    const plain = `http://localhost${deviceHttpPort === 80 ? '' : `:${deviceHttpPort}`}`
    for (const url of [
      `${secure}/SmartTransport`,
      `${secure}/Transportgateway/services/DeviceRequestHandler`,
      `${plain}/Transportgateway/services/DeviceRequestHandler`,
    ])
      assert.ok(text.includes(`>${url}</code>`), url)
    const elsewhere = await sam.get(licensing.tokens(uuid), { host: 'evil.example' })
    assert.doesNotMatch(elsewhere.text, /evil\.example/)
  })
})
