import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type OpenDoor, openTestDoor } from '../support/deviceDoor.ts'
import { ask } from '../support/http.ts'
import { inCallHome, type TestProduct } from '../support/product.ts'

const callHome = '/Transportgateway/services/DeviceRequestHandler'

describe('what is sent to hurt the door', () => {
  let open: OpenDoor
  let product: TestProduct
  let before: Record<string, number>

  beforeEach(async () => {
    open ??= await openTestDoor()
    product ??= await open.product().settle(open.token)
    before = await open.rows()
  })
  afterEach(async () => assert.deepEqual(await open.rows(), before, 'it leaves nothing behind'))
  after(() => open.close())

  const postXml = (body: string | Buffer) =>
    ask(`http://localhost:${open.around.httpPort}${callHome}`, { headers: { 'Content-Type': 'text/xml' }, body })

  const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)

  it('JSON that is none, or not one object', async () => {
    for (const text of ['', ' ', 'null', '[]', '"x"', '{', '{"a":1}{"b":2}', '\ufeff{}', '{"request":1}', 'NaN', deep(100_000)]) {
      const { status } = await product.post(text)
      assert.equal(status, 400, text.slice(0, 20))
    }
  })

  it('members named twice, names that reach a prototype, deep nesting, numbers that are not exact', async () => {
    const sound = product.compose('HELLO', {})
    const inside = (change: (request: string) => string) => {
      const { signature, request } = JSON.parse(sound)
      return JSON.stringify({ signature, request: change(request) })
    }
    const bad = [
      sound.replace('"credential":null', '"credential":null,"credential":null'),
      sound.replace('"credential":null', '"credential":null,"__proto__":{"status":"OK"}'),
      sound.replace('"credential":null', '"credential":null,"constructor":{}'),
      sound.replace('"credential":null', '"credential":"mine"'),
      inside(request => request.replace('"nonce"', '"nonce":"1","nonce"')),
      inside(request => request.replace('"agent_actions":null', '"agent_actions":null,"__proto__":{}')),
      inside(request => request.replace('"timestamp":0', '"timestamp":9007199254740993')),
      inside(request => request.replace('"timestamp":0', '"timestamp":1e999')),
    ]
    for (const text of bad) assert.equal((await product.send(text)).message_code, 'MALFORMED', text.slice(0, 80))
    const tooDeep = [
      sound.replace('"credential":null', `"credential":null,"x":${deep(33)}`),
      inside(request => request.replace('"agent_actions":null', `"x":${deep(40)}`)),
    ]
    // Depth is refused before anything is parsed, so there may be no nonce to echo.
    for (const text of tooDeep) assert.match((await product.post(text)).body, /Is nested deeper than 32 levels|MALFORMED/)
  })

  it('three megabytes of keys, of lists, of elements: refused before anything is made of them', async () => {
    const keys = (count: number) => `{${Array.from({ length: count }, (_, index) => `"k${index}":1`).join()}}`
    const within = JSON.stringify({ signature: null, request: JSON.stringify({ header: {}, nonce: '1', request_data: keys(100_000) }) })
    const list = `{"request":[${'[],'.repeat(700_000)}[]]}`
    for (const text of [keys(200_000), within, list]) {
      const { status, body } = await product.post(text)
      assert.ok(status === 400 || /MALFORMED/.test(body))
      assert.match(body, /Has more than 32768 values|header/)
    }
    assert.equal((await postXml(inCallHome('{}').replace('anything', '<a/>'.repeat(700_000)))).status, 400)
  })

  it('text that no database can hold', async () => {
    const applicant = open.product()
    for (const hostname of ['a\u0000b', '\ud800']) {
      const text = applicant.compose('REGISTRATION', applicant.applies('x', { hostname }))
      const { message_code, nonce } = await applicant.send(text)
      assert.equal(message_code, 'MALFORMED')
      await open.context.storage.db('replies').where({ nonce }).delete()
    }
  })

  it('XML that is none, or no envelope, or has no attachment, or two', async () => {
    const sound = inCallHome('{}')
    const attachment = /<aml-block:Attachment .*<\/aml-block:Attachment>/s.exec(sound)![0]
    const bad = [
      '',
      'x',
      '{}',
      '<a/>',
      sound.replace('</soap-env:Envelope>', ''),
      `${sound}<more/>`,
      sound.replace(attachment, ''),
      sound.replace(attachment, attachment + attachment),
      sound.replace('encoding="plain"', 'encoding="rot13"'),
      sound.replace('UTF-8', 'UTF-16'),
      `<?xml version="1.0"?>${'<a>'.repeat(5000)}`,
    ]
    for (const body of bad) {
      const answer = await postXml(body)
      assert.deepEqual([answer.status, /soap-env:Sender/.test(answer.body)], [400, true], body.slice(0, 60))
    }
  })

  it('a DOCTYPE, with an entity of any kind: refused before anything of it is read', async () => {
    const doctypes = [
      '<!DOCTYPE x>',
      '<!DOCTYPE x [<!ENTITY a "b">]>',
      '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
      '<!DOCTYPE x SYSTEM "http://localhost:1/evil.dtd">',
      `<!DOCTYPE x [<!ENTITY a "${'a'.repeat(1000)}">${'<!ENTITY b "&a;&a;&a;&a;">'}]>`,
    ]
    for (const doctype of doctypes) {
      const { status, body } = await postXml(inCallHome('{}').replace('?>', `?>${doctype}`).replace('{}', ']]>&a;<![CDATA['))
      assert.equal(status, 400)
      assert.doesNotMatch(body, /root:/)
    }
    assert.equal((await postXml(inCallHome('{}').replace('anything', '&unknown;'))).status, 400)
  })

  it('a header block that must be understood and is not', async () => {
    const body = inCallHome('{}').replace('</soap-env:Header>', '<x:Pay xmlns:x="urn:x" soap-env:mustUnderstand="true"/></soap-env:Header>')
    const answer = await postXml(body)
    assert.equal(answer.status, 500)
    assert.match(answer.body, /soap-env:MustUnderstand/)
  })

  it('a Call Home message about something else is acknowledged, counted and dropped', async () => {
    const answer = await postXml(inCallHome('{"secret":1}').replace('smart_licensing_data', 'inventory'))
    assert.equal(answer.status, 200)
    assert.doesNotMatch(answer.body, /Attachment|secret/)
    assert.ok(open.door.counters().some(entry => entry.result === 'DROPPED'))
  })

  it('a hostname that ends a CDATA section comes through both ways', async () => {
    const { header, status } = await product.say('HELLO', { hostname: 'a]]>b' }, { header: { locale: ']]>' } }, { transport: 'callhome' })
    assert.deepEqual([status, header.request_type], ['OK', 'HELLO'])
    await open.context.storage
      .db('replies')
      .where({ nonce: String(header.nonce) })
      .delete()
  })

  it('bytes at random: an answer of HTTP or of the wire, and the next message is served', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (bytes, xml) => {
        const [path, type] = xml ? [callHome, 'text/xml'] : ['/SmartTransport', 'application/json']
        const answer = await ask(`http://localhost:${open.around.httpPort}${path}`, {
          headers: { 'Content-Type': type },
          body: Buffer.from(bytes),
        })
        assert.equal(answer.status, 400)
      }),
      { numRuns: 60 },
    )
  })

  it('any member put in the place of any other: never a fault, and never a change', async () => {
    const paths = [
      'version',
      'locale',
      'sudi',
      'timestamp',
      'nonce',
      'request_type',
      'connect_info',
      'product_instance_identifier',
      'id_cert_serial_number',
      'signing_cert_serial_number',
    ]
    const value = fc.oneof(
      fc.json().map(text => JSON.parse(text)),
      fc.string({ maxLength: 400 }),
      fc.constantFrom(-1, 2 ** 53, '\u0000', '9'.repeat(60), [], {}),
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), value, async (name, odd) => {
        const { status, body } = await product.post(
          product.compose('DEREGISTRATION', { extra: odd }, { header: { [name]: odd }, signer: open.product().keys.privateKey }),
        )
        assert.ok(status === 200 || status === 400, body)
        assert.doesNotMatch(body, /SERVER_ERROR/)
      }),
      { numRuns: 60 },
    )
  })
})
