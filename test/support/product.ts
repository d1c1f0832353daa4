import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject, randomInt, sign, verify, X509Certificate } from 'node:crypto'
import { certificateRequest } from './csr.ts'
import { ask } from './http.ts'

export const softwareTag = 'regid.2020-01.com.example.EX-R1000,1.0_00000000-0000-4000-8000-000000000001'

/** Where products report, what they trust, and what time it is to them. */
export type Surroundings = { httpPort: number; httpsPort: number; tlsRoot: string; licensingRoot: string; now(): Date }

type Keys = { privateKey: KeyObject; publicKey: KeyObject }
type Json = Record<string, unknown>

/** How a message goes out. */
export type Way = { transport?: 'smart' | 'callhome'; secure?: boolean; host?: string }

/** A message that a test bends before it is signed, or after. */
export type Bent = {
  header?: Json
  /** Members beside `header` and `request_data`. */
  request?: Json
  common?: Json
  /** Who signs; null is nobody. */
  signer?: KeyObject | null
}

/** A reply, checked as a product checks it: the signer leads to the root, and the signature is its own. */
export type Reply = {
  header: Json
  nonce: string
  timestamp: number
  status: string
  message_code: string | null
  message: string | null
  data: Json
  signer: X509Certificate
  /** The reply's own bytes, to compare two. */
  body: string
  response: Json
}

const paths = { smart: '/SmartTransport', callhome: '/Transportgateway/services/DeviceRequestHandler' }
const types = { smart: 'application/json', callhome: 'text/xml' }

let count = 0

/** A product of the tests: it writes, signs, reads and verifies by itself, with nothing of the server's code. */
export class TestProduct {
  readonly around: Surroundings
  readonly sudi: Json
  readonly way: Way
  readonly hostname: string | null
  keys: Keys
  id: string | null = null
  serial: string | null = null
  certificate: string | null = null
  signer: X509Certificate | null = null
  connectInfo: Json | null = null
  version = 0

  constructor(around: Surroundings, given: { way?: Way; rsa?: boolean; hostname?: string | null; sudi?: Json } = {}) {
    count++
    this.around = around
    this.way = given.way ?? {}
    this.hostname = given.hostname === undefined ? `edge-${count}` : given.hostname
    this.sudi = given.sudi ?? { udi_pid: 'EX-R1000', udi_serial_number: `FOX${String(count).padStart(8, '0')}` }
    this.keys = given.rsa ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  }

  /** The text of a message, ready to be sent, or sent again. */
  compose(type: string, data: Json, { header = {}, request = {}, common = {}, signer = this.keys.privateKey }: Bent = {}): string {
    const nonce = String(randomInt(2 ** 47))
    const timestamp = this.around.now().getTime()
    const inner = JSON.stringify({
      header: {
        version: '1.3',
        locale: 'en_US.UTF-8',
        sudi: this.sudi,
        timestamp: 0,
        nonce,
        request_type: type,
        agent_actions: null,
        connect_info: this.connectInfo,
        product_instance_identifier: this.id,
        id_cert_serial_number: this.serial,
        signing_cert_serial_number: this.signer && serialOf(this.signer),
        ...header,
      },
      nonce,
      request_data: JSON.stringify({ sudi: this.sudi, timestamp, nonce, product_instance_identifier: this.id, ...common, ...data }),
      ...request,
    })
    const signature = signer && { type: 'SHA-256', value: sign('sha256', Buffer.from(inner), signer).toString('base64') }
    return JSON.stringify({ signature, credential: null, request: inner })
  }

  /** Sends a text as it is and gives what HTTP brings back. */
  post(text: string, way: Way = {}) {
    const { transport = 'smart', secure = false, host = 'localhost' } = { ...this.way, ...way }
    const at = secure ? `https://${host}:${this.around.httpsPort}` : `http://${host}:${this.around.httpPort}`
    const body = transport === 'smart' ? text : inCallHome(text)
    return ask(at + paths[transport], { headers: { 'Content-Type': types[transport] }, body, ca: this.around.tlsRoot })
  }

  /** Sends a text and reads the reply, which must be one. */
  async send(text: string, way: Way = {}): Promise<Reply> {
    const { status, body } = await this.post(text, way)
    assert.equal(status, 200, body)
    return this.read((way.transport ?? this.way.transport) === 'callhome' ? outOfCallHome(body) : body)
  }

  /** Composes and sends. */
  say = (type: string, data: Json = {}, bent: Bent = {}, way: Way = {}): Promise<Reply> => this.send(this.compose(type, data, bent), way)

  /** "Client order: parse -> signing cert by serial, chain to root -> signature". */
  read(text: string): Reply {
    const { signature, credential, response } = JSON.parse(text)
    assert.equal(credential, null)
    const fields = JSON.parse(response)
    const signer = fields.signing_cert ? new X509Certificate(fields.signing_cert) : this.signer
    assert.ok(signer, 'a product that holds no signer is given one')
    assert.equal(fields.header.signing_cert_serial_number, serialOf(signer))
    if (fields.signing_cert) this.follow(signer, fields.sub_ca_certs)
    assert.equal(signature.type, 'SHA-256')
    assert.ok(verify('sha256', Buffer.from(response), signer.publicKey, Buffer.from(signature.value, 'base64')), 'the reply is signed')
    return { ...fields, data: fields.response_data && JSON.parse(fields.response_data), signer, body: text, response: fields }
  }

  /** Each certificate is issued by the next, and the last by the root; the root itself is not among them. */
  follow(leaf: X509Certificate, issuers: string[]): void {
    const path = [leaf, ...issuers.map(pem => new X509Certificate(pem)), new X509Certificate(this.around.licensingRoot)]
    for (const [index, issuer] of path.slice(1).entries()) {
      assert.ok(path[index]!.checkIssued(issuer) && path[index]!.verify(issuer.publicKey), `certificate ${index} leads to the next`)
    }
  }

  applies = (token: string, given: Json = {}): Json => ({
    id_token: token,
    software_tag_identifier: softwareTag,
    csr: certificateRequest(this.keys),
    hostname: this.hostname,
    force: false,
    ...given,
  })

  /** Registers, which must succeed, and keeps what it is given. */
  async register(token: string, given: Json = {}): Promise<Reply> {
    const reply = await this.say('REGISTRATION', this.applies(token, given))
    assert.equal(reply.status, 'OK', reply.message ?? '')
    this.keep(reply.data)
    return reply
  }

  keep(data: Json): void {
    this.id = data.product_instance_identifier as string
    this.serial = data.id_cert_serial_number as string
    this.certificate = data.id_cert as string
    this.signer = new X509Certificate(data.signing_cert as string)
  }

  /** Registers and acknowledges. */
  async settle(token: string): Promise<this> {
    await this.register(token)
    assert.equal((await this.say('REGISTRATION_ACK', { id_cert_serial_number: this.serial })).status, 'OK')
    return this
  }

  /** Reports what it uses: tag and count. */
  report = (uses: [tag: string, count: number][], bent: Bent = {}): Promise<Reply> => this.say('AUTHORIZATION', this.usage(uses), bent)

  usage(uses: [tag: string, count: number][]): Json {
    this.version++
    return { entitlement_version: this.version, entitlements: uses.map(([tag, count]) => ({ tag, version: '1.0', count })) }
  }

  /** Takes new keys for the next certificate request. */
  newKeys(): Keys {
    return generateKeyPairSync('ec', { namedCurve: 'P-256' })
  }
}

/** A certificate's serial number in decimal, as every message has it. */
export const serialOf = (certificate: X509Certificate): string => BigInt(`0x${certificate.serialNumber}`).toString()

/** The envelope of wire-device 5.9, written from the page. */
export const inCallHome = (json: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<soap-env:Envelope xmlns:soap-env="http://www.w3.org/2003/05/soap-envelope">
 <soap-env:Header><aml-session:Session xmlns:aml-session="http://www.cisco.com/2004/01/aml-session" soap-env:mustUnderstand="true"
    soap-env:role="http://www.w3.org/2003/05/soap-envelope/role/next">
  <aml-session:To>http://tools.cisco.com/neddce/services/DDCEService</aml-session:To>
  <aml-session:Path><aml-session:Via>http://www.cisco.com/appliance/uri</aml-session:Via></aml-session:Path>
  <aml-session:From>http://www.cisco.com/appliance/uri</aml-session:From>
  <aml-session:MessageId>M1:FOX0000AAAA:68E7B800</aml-session:MessageId></aml-session:Session></soap-env:Header>
 <soap-env:Body><aml-block:Block xmlns:aml-block="http://www.cisco.com/2004/01/aml-block">
  <aml-block:Header><aml-block:Type>anything</aml-block:Type></aml-block:Header>
  <aml-block:Attachments><aml-block:Attachment type="inline"><aml-block:Name>smart_licensing_data</aml-block:Name>
   <aml-block:Data encoding="plain"><![CDATA[${json.replaceAll(']]>', ']]]]><![CDATA[>')}]]></aml-block:Data>
  </aml-block:Attachment></aml-block:Attachments></aml-block:Block></soap-env:Body></soap-env:Envelope>`

/** The JSON of a Call Home reply: its text sections, joined. */
export function outOfCallHome(xml: string): string {
  assert.match(xml, /<aml-session:RelatesTo>M1:FOX0000AAAA:68E7B800<\/aml-session:RelatesTo>/)
  const data = /<aml-block:Data encoding="plain">(.*)<\/aml-block:Data>/s.exec(xml)![1]!
  return [...data.matchAll(/<!\[CDATA\[(.*?)\]\]>/gs)].map(section => section[1]).join('')
}
