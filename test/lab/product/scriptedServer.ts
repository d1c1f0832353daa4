import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { MessageSigner } from '../../../src/pki/authority.ts'
import { readCertificate } from '../../../src/pki/certificate.ts'
import { readCertificateRequest } from '../../../src/pki/certificateRequest.ts'
import { issueIdCertificate, prepareIdCertificate } from '../../../src/pki/idCertificate.ts'
import { makeRsaKey } from '../../../src/pki/keys.ts'
import { issueServerSigner } from '../../../src/pki/licensingRoot.ts'
import { sign } from '../../../src/pki/signature.ts'
import {
  type Answer,
  buildResponse,
  openRequest,
  type RequestEnvelope,
  type ResponseFields,
  sealResponse,
} from '../../../src/wire/envelope.ts'
import { fullSudi, udiUrn } from '../../../src/wire/udi.ts'
import { makeTestAccount, makeTestCloud, type TestAccount, type TestCloud } from '../../support/authorities.ts'

export const instanceId = '4d47df04-ae89-4df6-bc15-d17c1a3f153f'
const day = 86_400_000

/** What the server would answer, before a test's twist is put to it. */
export type Honest = { request: RequestEnvelope; answer: Answer; fields: ResponseFields; bytes: Buffer }
export type Twist = (honest: Honest) => Buffer | { status: number; body: string } | 'silence' | Promise<Buffer>

/** Authorities are dear to make, and the same for all tests of a file. */
export type World = { cloud: TestCloud; account: TestAccount; other: TestAccount; server: Signing; now: Date }

/** What signs a reply. */
export type Signing = Pick<MessageSigner, 'privateKey' | 'certificate' | 'serial' | 'chain'>

/** The server's own signer; given a former one, its certificate anew for the same key, as a synchronization brings it. */
export async function makeServerSigner(cloud: TestCloud, now: Date, former?: Signing): Promise<Signing> {
  const { privateKey, publicKey } = former ? { ...former, publicKey: former.certificate.publicKey } : await makeRsaKey()
  const { pem } = await issueServerSigner(cloud.subIssuer, { publicKey, uuid: '6f6c2c2a-0000-4000-8000-000000000001' }, now)
  const certificate = readCertificate(pem)
  return { privateKey, certificate, serial: certificate.serial, chain: [cloud.subCa.pem] }
}

export async function makeWorld(now = new Date()): Promise<World> {
  const cloud = await makeTestCloud(now)
  const [account, other] = await Promise.all([makeTestAccount(cloud, now), makeTestAccount(cloud, now)])
  return { cloud, account, other, server: await makeServerSigner(cloud, now), now }
}

/**
 * A server that does what the real door cannot be made to do: each test may twist its honest answers, one after the other. It believes
 * everything and keeps nothing but what it was sent.
 */
export async function openScriptedServer(world: World) {
  const received: RequestEnvelope[] = []
  const twists: Twist[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const envelope = openRequest(await buffer(request))
    received.push(envelope)
    const honest = await answerHonestly(world, envelope)
    const twisted = (await twists.shift()?.(honest)) ?? honest.bytes
    reply(request, response, twisted)
  }
  const server = createServer((request, response) => {
    answer(request, response).catch(error => response.writeHead(500).end(String(error)))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    twist: (...more: Twist[]) => void twists.push(...more),
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
export type ScriptedServer = Awaited<ReturnType<typeof openScriptedServer>>

function reply(request: IncomingMessage, response: ServerResponse, twisted: Awaited<ReturnType<Twist>>): void {
  if (twisted === 'silence') request.socket.destroy()
  else if (Buffer.isBuffer(twisted)) response.end(twisted)
  else response.writeHead(twisted.status).end(twisted.body)
}

async function answerHonestly(world: World, request: RequestEnvelope): Promise<Honest> {
  const answer = await answerTo(world, request)
  const fields = fieldsOf(world.account.authority.signer, request, answer)
  return { request, answer, fields, bytes: await signedBy(world.account.authority.signer, fields) }
}

/** The fields of a reply by `signer`. */
export function fieldsOf(signer: Signing, request: RequestEnvelope, answer: Answer): ResponseFields {
  const isNew = request.header.product_instance_identifier === null && answer.status === 'OK'
  return buildResponse(
    answer,
    { ...request.header, product_instance_identifier: isNew ? instanceId : request.header.product_instance_identifier },
    {
      now: Date.now(),
      signer: { serialNumber: signer.serial, certificate: signer.certificate.pem, subCaCertificates: signer.chain },
      connectInfo: { name: 'scripted', version: '1', production: false, additional_info: '', capabilities: [] },
      correlationId: '00000000-0000-4000-8000-000000000000',
    },
  )
}

export const signedBy = (signer: Signing, fields: ResponseFields): Promise<Buffer> =>
  sealResponse(fields, data => sign(signer.privateKey, data))

async function answerTo(world: World, { header, data }: RequestEnvelope): Promise<Answer> {
  if (header.request_type === 'REGISTRATION' || header.request_type === 'ID_CERT_RENEWAL') {
    const accounts = { smart_account: 'Example Corp', virtual_account: 'Laboratory' }
    return { status: 'OK', data: { ...(await identityFor(world, String(data.csr))), ...accounts } }
  }
  return { status: 'OK', data: header.request_type === 'AUTHORIZATION' ? authorizationFor(world, data) : null }
}

async function identityFor({ account, server, now }: World, csr: string): Promise<object> {
  const { publicKey } = readCertificateRequest(csr)
  const sudi = fullSudi({ udi_pid: 'EX-R1000', udi_serial_number: 'FOX0000AAAA' })
  const subject = {
    publicKey,
    product: 'EX-R1000',
    productInstanceId: instanceId,
    udis: [udiUrn(sudi)],
  }
  const issued = await issueIdCertificate(prepareIdCertificate(account.authority, subject, now))
  const { signer, chain } = account.authority
  return {
    product_instance_identifier: instanceId,
    id_cert: issued.pem,
    id_cert_serial_number: issued.serial,
    sub_ca_certs: chain,
    signing_cert: signer.certificate.pem,
    signing_cert_serial_number: signer.serial,
    server_signing_cert: server.certificate.pem,
    export_controlled: 'NOT ALLOWED',
    expires_at: now.getTime() + 365 * day,
    renew_at: now.getTime() + 180 * day,
    auth_renew_interval: 30 * 86_400,
    auth_deadline: 90 * 86_400,
  }
}

type Listed = { tag: string; version: string | null; count: number }

const authorizationFor = ({ now }: World, data: Record<string, unknown>): object => ({
  entitlement_version: data.entitlement_version,
  overall_status: 'AUTHORIZED',
  entitlements: (data.entitlements as Listed[]).map(({ tag, version, count }) => ({
    tag,
    version,
    requested_count: count,
    authorized_count: count,
    out_of_compliance_count: 0,
    insufficient_count: 0,
    status: 'IN_COMPLIANCE',
  })),
  renew_at: now.getTime() + 30 * day,
  deadline: now.getTime() + 90 * day,
})
