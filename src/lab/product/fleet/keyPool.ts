import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { type KeyPair, makeRsaKey, privateKeyPem } from '../../../pki/keys.ts'

/**
 * A few keys that many simulated products share, made before anything is measured: making one takes longer than anything that a server does
 * with it. A key's name is its place in the pool.
 */
export type KeyPool = { pairs: readonly KeyPair[]; next(): KeyPair; nameOf(pair: KeyPair): string; key(name: string): KeyObject }

/** Makes `count` keys, beginning with those in `pems`. */
export async function makeKeyPool(count: number, pems: readonly string[] = []): Promise<KeyPool> {
  const known = pems.map(pem => pairOf(createPrivateKey(pem)))
  const pairs = [...known, ...(await Promise.all(Array.from({ length: Math.max(0, count - known.length) }, () => makeRsaKey())))]
  let turn = 0
  return {
    pairs,
    next: () => pairs[turn++ % pairs.length]!,
    nameOf: pair => String(pairs.indexOf(pair)),
    key: name => pairs[Number(name)]!.privateKey,
  }
}

/** The pool's keys as PEM, to be kept with the roster. */
export const pemsOf = (pool: KeyPool): string[] => pool.pairs.map(pair => privateKeyPem(pair.privateKey))

const pairOf = (privateKey: KeyObject): KeyPair => ({ privateKey, publicKey: createPublicKey(privateKey) })
