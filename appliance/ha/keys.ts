import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../actions/run.ts'
import type { Credentials } from './peer.ts'

const openssl = '/usr/bin/openssl'
/** Ten years: the pair's own certificates are made anew with `ha_generatekeys`, and no clock ends a failover. */
const life = '3650'

async function ask(args: string[], input = ''): Promise<string> {
  const { code, out, err } = await run(openssl, args, { input, signal: new AbortController().signal })
  if (code !== 0) throw new Error(`openssl ${args[0]} failed: ${err.trim()}`)
  return out
}

/** The authority of one pair: it issues to the two nodes, and to a witness's visitors, and to nobody else. EC P-384. */
export type PairAuthority = { certificate: string; key: string }

export async function makeAuthority(cluster: string): Promise<PairAuthority> {
  const key = await newKey()
  const certificate = await withFolder(async folder => {
    writeFileSync(join(folder, 'key'), key, { mode: 0o600 })
    const extensions = ['-addext', 'basicConstraints=critical,CA:TRUE,pathlen:0', '-addext', 'keyUsage=critical,keyCertSign,cRLSign']
    return ask([
      'req',
      '-x509',
      '-new',
      '-sha384',
      '-key',
      join(folder, 'key'),
      '-subj',
      `/CN=pair ${cluster}`,
      '-days',
      life,
      ...extensions,
    ])
  })
  return { certificate, key }
}

/** A private key that never leaves the node that it is made on. */
export const newKey = (): Promise<string> => ask(['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'])

/** The request of a node by its name, signed with its key. */
export const requestFor = (name: string, key: string): Promise<string> =>
  withFolder(async folder => {
    writeFileSync(join(folder, 'key'), key, { mode: 0o600 })
    return ask(['req', '-new', '-sha384', '-key', join(folder, 'key'), '-subj', `/CN=${name}`])
  })

/**
 * The certificate of a node, for both ends of a connection. What it says is the name and the purposes given here, whatever the request asks for: only its
 * key is taken.
 */
export const issueNode = (authority: PairAuthority, name: string, request: string): Promise<string> =>
  withFolder(async folder => {
    const file = (called: string, text: string) => {
      writeFileSync(join(folder, called), text, { mode: 0o600 })
      return join(folder, called)
    }
    const extensions = `basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth,clientAuth
subjectAltName=DNS:${name}
`
    const publicKey = await ask(['req', '-in', file('request', request), '-verify', '-noout', '-pubkey'])
    return ask([
      ...['x509', '-new', '-force_pubkey', file('public', publicKey), '-subj', `/CN=${name}`, '-days', life, '-sha384'],
      ...['-CA', file('ca', authority.certificate), '-CAkey', file('ca.key', authority.key), '-extfile', file('extensions', extensions)],
    ])
  })

async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'quartermaster-pair-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The three files of a node in the pair's folder. */
export const readCredentials = (folder: string): Credentials => ({
  ca: readFileSync(join(folder, 'ca.pem'), 'utf8'),
  certificate: readFileSync(join(folder, 'node.pem'), 'utf8'),
  key: readFileSync(join(folder, 'node.key'), 'utf8'),
})
