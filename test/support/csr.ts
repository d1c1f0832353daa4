import { type KeyObject, sign } from 'node:crypto'

/** One DER element, by hand: the tests' products share no encoder with the server. */
export function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  if (content.length < 0x80) return Buffer.concat([Buffer.of(tag, content.length), content])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(content.length)
  const bytes = length.subarray(length.findIndex(byte => byte !== 0))
  return Buffer.concat([Buffer.of(tag, 0x80 | bytes.length), bytes, content])
}

const algorithms: Record<string, Buffer> = {
  // sha256WithRSAEncryption with its NULL, and ecdsa-with-SHA256
  rsa: der(0x30, Buffer.from('06092a864886f70d01010b', 'hex'), der(0x05)),
  ec: der(0x30, Buffer.from('06082a8648ce3d040302', 'hex')),
}

/** A PKCS#10 request for `key`, with an empty subject ("subject ignored"). `signWith` another key makes a request that proves nothing. */
export function certificateRequest(key: { publicKey: KeyObject; privateKey: KeyObject }, signWith = key.privateKey): string {
  const info = der(0x30, der(0x02, Buffer.of(0)), der(0x30), key.publicKey.export({ type: 'spki', format: 'der' }), der(0xa0))
  const signature = der(0x03, Buffer.of(0), sign('sha256', info, signWith))
  const bytes = der(0x30, info, algorithms[signWith.asymmetricKeyType!]!, signature)
  const lines = bytes.toString('base64').match(/.{1,64}/g)!
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines.join('\n')}\n-----END CERTIFICATE REQUEST-----\n`
}
