import { createPrivateKey, createPublicKey } from 'node:crypto'
import { createServer as createPlain, type RequestListener } from 'node:http'
import { createServer } from 'node:https'
import { readCertificateRequest } from '../../src/pki/certificateRequest.ts'
import { openIssuer } from '../../src/pki/issue.ts'
import { makeP256Key, makeRsaKey, privateKeyPem } from '../../src/pki/keys.ts'
import { makeLicensingRoot } from '../../src/pki/licensingRoot.ts'
import { issueMessageSigner } from '../../src/pki/messageSigner.ts'
import { sign, signNow, verifyNow } from '../../src/pki/signature.ts'
import { makeTlsCertificate, makeTlsRoot } from '../../src/pki/tlsCertificate.ts'
import { validFor } from '../../src/pki/validity.ts'
import { accountCertificateLife } from '../../src/rules/lifetimes.ts'

/**
 * The least that any server must do for a message, and nothing else: bare `node:https` with a P-256 certificate, and the cryptography that the
 * contract asks for. Started beside the benchmark, so that its processor time is its own.
 *   /report        one RSA-2048 verification and one RSA-2048 signature
 *   /registration  a certificate request read and verified, a certificate issued, a reply signed
 *   /nothing       neither
 */
const now = new Date()
const key = await makeRsaKey()
const body = Buffer.from('x'.repeat(1200))
const signature = signNow(key.privateKey, body)
const root = await makeLicensingRoot(now)
const issuer = openIssuer(root.pem, root.privateKey)
const answer = JSON.stringify({ signature: { type: 'SHA-256', value: '' }, credential: null, response: 'x'.repeat(1400) })

const works: Record<string, (text: string) => Promise<unknown>> = {
  '/report': async () => verifyNow(key.publicKey, body, signature) && sign(key.privateKey, body),
  '/registration': async text => {
    const { publicKey } = readCertificateRequest(JSON.parse(text).csr)
    await issueMessageSigner(issuer, publicKey, validFor(now, accountCertificateLife))
    return sign(key.privateKey, body)
  },
  '/nothing': async () => undefined,
}

const listener: RequestListener = async (request, response) => {
  const text = (await request.toArray()).join('')
  await works[request.url!]!(text)
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length }).end(answer)
}

const tls = await makeTlsRoot('benchmark', now)
const certificate = await makeTlsCertificate(openIssuer(tls.pem, tls.privateKey), ['localhost', '127.0.0.1'], now)
const secure = createServer({ key: privateKeyPem(certificate.privateKey), cert: certificate.pem }, listener).listen(0, '127.0.0.1')
const plain = createPlain(listener).listen(0, '127.0.0.1', () => {
  const portOf = (server: { address(): unknown }) => (server.address() as { port: number }).port
  process.send!({ ready: { https: portOf(secure), http: portOf(plain), root: tls.pem } })
})
process.on('SIGTERM', () => process.exit(0))
// A curve and a key that nothing uses would be made at the first handshake: make the machine as warm as the server is.
void createPublicKey(createPrivateKey(privateKeyPem((await makeP256Key()).privateKey)))
