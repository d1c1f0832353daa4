import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  acknowledgement,
  messageId,
  SoapFault,
  soapFault,
  unwrapCallHome,
  wrapCallHomeReply,
  wrapCallHomeRequest,
} from '../../src/wire/callHome.ts'
import { golden } from './golden.ts'
import { awkwardText } from './texts.ts'

const composition = {
  messageId: 'M1:FOX0000AAAA:68E7B800',
  createdAt: new Date('2025-10-09T08:53:20.123Z'),
  builder: { name: 'EX-R1000', version: '1.0' },
}
const document = golden('callHome.request.xml').toString()
const json = '{"signature":null,"credential":null,"request":"a hostname with ]]> in it"}'

function refusal(text: string | Buffer): SoapFault {
  try {
    unwrapCallHome(Buffer.from(text as string))
  } catch (error) {
    if (error instanceof SoapFault) return error
    throw error
  }
  throw new assert.AssertionError({ message: `nothing was refused in ${text.toString().slice(0, 200)}` })
}

/** The golden document with a piece of it exchanged. */
function exchanged(piece: string | RegExp, by: string): string {
  const text = document.replace(piece, () => by)
  assert.notEqual(text, document)
  return text
}

const attachment = /<aml-block:Attachment type.*<\/aml-block:Attachment>/s

describe('a Call Home message', () => {
  it('that somebody wrote by hand gives its JSON, two CDATA sections joined, and its session', () => {
    const { attachment, ...session } = unwrapCallHome(golden('callHome.request.xml'))
    assert.equal(attachment?.toString(), json)
    assert.deepEqual(session, {
      messageId: 'M1:FOX0000AAAA:68E7B800',
      to: 'http://tools.cisco.com/neddce/services/DDCEService',
      from: 'http://www.cisco.com/appliance/uri',
    })
  })

  it('is written as somebody wrote it by hand', () => {
    const written = wrapCallHomeRequest(json, composition)
    const bare = exchanged(/<ch:EventTime>.*<\/ch:CallHome>/s, '')
      .replace('version="1.0">', 'version="1.0"/>')
      .replace('/whatever', '/smart-licensing')
    const unspaced = (text: string) => text.replace(/\s+/g, ' ').replace(/> </g, '><').trim()
    assert.equal(unspaced(written), unspaced(bare))
  })

  it('gives back any JSON that was wrapped in it, to the byte but for what XML cannot hold', () => {
    fc.assert(
      fc.property(fc.dictionary(awkwardText, awkwardText), value => {
        const wrapped = JSON.stringify(value)
        const { attachment } = unwrapCallHome(Buffer.from(wrapCallHomeRequest(wrapped, composition)))
        assert.deepEqual(JSON.parse(attachment!.toString()), JSON.parse(wrapped))
        if (!/[\ufffe\uffff]/.test(wrapped)) assert.equal(attachment!.toString(), wrapped)
      }),
    )
  })

  it('is answered with addresses swapped and its MessageId repeated', () => {
    const request = unwrapCallHome(golden('callHome.request.xml'))
    const text = wrapCallHomeReply('{"response":"]]>"}', request, { ...composition, messageId: 'M2:server:68E7B801' })
    const reply = unwrapCallHome(Buffer.from(text))
    assert.equal(reply.attachment?.toString(), '{"response":"]]>"}')
    assert.deepEqual([reply.to, reply.from, reply.messageId], [request.from, request.to, 'M2:server:68E7B801'])
    assert.match(text, /<aml-session:RelatesTo>M1:FOX0000AAAA:68E7B800<\/aml-session:RelatesTo>/)
  })

  it('may call its prefixes what it likes, or use none', () => {
    const renamed = document
      .replaceAll('soap-env:', 's:')
      .replaceAll('xmlns:soap-env', 'xmlns:s')
      .replaceAll('aml-block:', '')
      .replaceAll('xmlns:aml-block', 'xmlns')
    assert.equal(unwrapCallHome(Buffer.from(renamed)).attachment?.toString(), json)
  })

  it('may carry its JSON as base64, with line breaks, or as escaped text', () => {
    const base64 = Buffer.from(json)
      .toString('base64')
      .replace(/(.{20})/g, '$1\n   ')
    const data = /<aml-block:Data.*<\/aml-block:Data>/s
    for (const carried of [
      `<aml-block:Data encoding="base64">${base64}</aml-block:Data>`,
      `<aml-block:Data encoding="text">${json.replace('>', '&gt;')}</aml-block:Data>`,
      `<aml-block:Data>${json.replace('>', '&#62;')}</aml-block:Data>`,
    ]) {
      assert.equal(unwrapCallHome(Buffer.from(exchanged(data, carried))).attachment?.toString(), json)
    }
  })

  it('about something else is acknowledged: its attachments have other names', () => {
    const inventory = unwrapCallHome(Buffer.from(exchanged('smart_licensing_data', 'show_inventory')))
    assert.equal(inventory.attachment, null)
    const text = acknowledgement(inventory, { messageId: 'M2:server:68E7B801' })
    assert.match(text, /<soap-env:Body><\/soap-env:Body>/)
    assert.match(text, /<aml-session:RelatesTo>M1:FOX0000AAAA:68E7B800</)
  })

  it('that carries other attachments as well is about licensing all the same', () => {
    const other = '<aml-block:Attachment><aml-block:Name>log</aml-block:Name><aml-block:Data>x</aml-block:Data></aml-block:Attachment>'
    const both = exchanged('<aml-block:Attachments>', `<aml-block:Attachments>${other}`)
    assert.equal(unwrapCallHome(Buffer.from(both)).attachment?.toString(), json)
  })

  it('ignores an element that only has the right name in the wrong place or namespace', () => {
    const decoy = '<aml-block:Attachment><aml-block:Name>smart_licensing_data</aml-block:Name></aml-block:Attachment>'
    const elsewhere = exchanged(/<ch:EventTime>.*<\/ch:EventTime>/s, decoy)
    assert.equal(unwrapCallHome(Buffer.from(elsewhere)).attachment?.toString(), json)
    const foreign = exchanged('<aml-block:Attachments>', '<x:Attachments xmlns:x="urn:x">').replace(
      '</aml-block:Attachments>',
      '</x:Attachments>',
    )
    assert.match(refusal(foreign).sentence, /no attachment/)
  })

  it('has an id of counter, serial number and time', () => {
    assert.equal(messageId(8, '9S1NMSF22DW', new Date(0x51aeac68 * 1000)), 'M8:9S1NMSF22DW:51AEAC68')
  })
})

describe('a Call Home message that is refused as the sender’s fault', () => {
  const bomb = `<!DOCTYPE b [${'abcdefgh'.replace(/./g, (e, i) => `<!ENTITY ${e} "${`&${e === 'a' ? 'amp' : 'abcdefgh'[i - 1]};`.repeat(10)}">`)}]>`
  const attributes = (count: number) => Array.from({ length: count }, (_, i) => `a${i}="1"`).join(' ')
  const cases: [string, string | Buffer, RegExp][] = [
    ['nothing', '', /not well-formed/],
    ['no XML', '{"request":"{}"}', /not well-formed/],
    ['an end too early', document.slice(0, -40), /not well-formed/],
    ['two document elements', `${document}<more/>`, /not well-formed/],
    ['a DOCTYPE', exchanged('<soap-env:Envelope', '<!DOCTYPE x SYSTEM "file:///etc/passwd"><soap-env:Envelope'), /DOCTYPE/],
    ['an entity bomb', exchanged('<soap-env:Envelope', `${bomb}<soap-env:Envelope`), /DOCTYPE/],
    ['an entity nobody declared', exchanged('FOX0000AAAA:68E7B800<', '&xxe;<'), /not well-formed/],
    ['an undeclared prefix', exchanged('<aml-block:Severity>2</aml-block:Severity>', '<who:Knows/>'), /not well-formed/],
    ['33 levels', exchanged(/<ch:EventTime>.*<\/ch:EventTime>/s, '<a>'.repeat(28) + '</a>'.repeat(28)), /deeper than 32/],
    ['257 attributes', exchanged(/<ch:EventTime>.*<\/ch:EventTime>/s, `<a ${attributes(257)}/>`), /256 attributes/],
    ['16,385 elements', exchanged(/<ch:EventTime>.*<\/ch:EventTime>/s, '<a/>'.repeat(16_385)), /16384 elements/],
    ['16,385 attributes in all', exchanged(/<ch:EventTime>.*<\/ch:EventTime>/s, `<a ${attributes(255)}/>`.repeat(65)), /16384 attributes/],
    ['bytes that are not UTF-8', Buffer.from(document.replace('a hostname', 'ä'), 'latin1'), /UTF-8/],
    ['another encoding declared', exchanged('UTF-8', 'ISO-8859-1'), /UTF-8/],
    ['UTF-16', Buffer.from(`\ufeff${document}`, 'utf16le'), /UTF-8/],
    ['XML 1.1', exchanged('version="1.0" encoding', 'version="1.1" encoding'), /XML 1.0/],
    [
      'a SOAP 1.1 envelope',
      exchanged('http://www.w3.org/2003/05/soap-envelope"', 'http://schemas.xmlsoap.org/soap/envelope/"'),
      /SOAP 1.2/,
    ],
    ['no attachment at all', exchanged(attachment, ''), /no attachment/],
    ['no body', exchanged(/<soap-env:Body>.*<\/soap-env:Body>/s, ''), /no attachment/],
    ['two licensing attachments', exchanged(attachment, document.match(attachment)![0].repeat(2)), /more than one/],
    ['an unknown encoding', exchanged('encoding="plain"', 'encoding="gzip"'), /unknown encoding/],
    ['truncated base64', exchanged(/encoding="plain">.*\]\]>/s, 'encoding="base64">eyJyZXF1ZXN0Ijo'), /not valid base64/],
    ['stray characters in base64', exchanged(/encoding="plain">.*\]\]>/s, 'encoding="base64">eyJ*ZXF1'), /not valid base64/],
  ]
  for (const [what, message, sentence] of cases) {
    it(`has ${what}`, () => {
      const fault = refusal(message)
      assert.equal(fault.code, 'Sender')
      assert.equal(fault.httpStatus, 400)
      assert.match(fault.sentence, sentence)
    })
  }

  it('is refused at the limit and not below it', () => {
    const within = exchanged(/<ch:EventTime>.*<\/ch:EventTime>/s, `<a ${attributes(256)}/>${'<a>'.repeat(27)}${'</a>'.repeat(27)}`)
    assert.equal(unwrapCallHome(Buffer.from(within)).attachment?.toString(), json)
  })

  it('is never a fault of ours, whatever the bytes', () => {
    const xmlish = fc.string({
      unit: fc.constantFrom('<', '>', '/', 'a', '"', '=', ' ', '&', ';', '<![CDATA[', ']]>', '<?', '?>', '<!--', '-->', 'xmlns'),
    })
    fc.assert(
      fc.property(xmlish, text => void refusal(text)),
      { numRuns: 500 },
    )
    fc.assert(fc.property(fc.uint8Array(), bytes => void refusal(Buffer.from(bytes))))
  })
})

describe('a SOAP header block', () => {
  const withBlock = (attributes: string) => exchanged('<soap-env:Header>', `<soap-env:Header><x:Thing xmlns:x="urn:x" ${attributes}/>`)

  it('that must be understood and is not is a MustUnderstand fault with HTTP 500', () => {
    for (const insisting of ['soap-env:mustUnderstand="true"', 'soap-env:mustUnderstand="1"']) {
      const fault = refusal(withBlock(insisting))
      assert.equal(fault.code, 'MustUnderstand')
      assert.equal(fault.httpStatus, 500)
      assert.match(soapFault(fault), /<soap-env:NotUnderstood qname="block:Thing" xmlns:block="urn:x"\/>/)
    }
  })

  it('that need not be understood, or is for somebody else, is passed over', () => {
    for (const harmless of [
      '',
      'soap-env:mustUnderstand="false"',
      'mustUnderstand="true"',
      'soap-env:mustUnderstand="true" soap-env:role="http://www.w3.org/2003/05/soap-envelope/role/none"',
    ]) {
      assert.equal(unwrapCallHome(Buffer.from(withBlock(harmless))).attachment?.toString(), json)
    }
  })
})

describe('a SOAP fault', () => {
  it('is a SOAP 1.2 document that names code and reason, escaped', () => {
    const text = soapFault(new SoapFault('Sender', 'The message is <too> big & bad.', 413))
    assert.match(text, /<soap-env:Value>soap-env:Sender<\/soap-env:Value>/)
    assert.match(text, /<soap-env:Text xml:lang="en">The message is &lt;too&gt; big &amp; bad\.<\/soap-env:Text>/)
    assert.match(refusal(text).sentence, /no attachment/)
  })
})
