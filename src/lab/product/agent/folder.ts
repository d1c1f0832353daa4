import { createPrivateKey } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { privateKeyPem, publicKeyHash } from '../../../pki/keys.ts'
import { lockFolder } from './lock.ts'
import { keysInUse, newState, type State, state as stateSchema } from './state.ts'
import type { Store } from './store.ts'

/**
 * A store in a folder: `state.json` and `keys/<name>.pem`, for the owner's eyes alone. Each file is written beside its place, brought to the
 * disk and moved there, so that a crash leaves the old or the new one whole.
 */
export function storeInFolder(folder: string): Store {
  const stateFile = join(folder, 'state.json')
  const keyFile = (name: string) => join(folder, 'keys', `${name}.pem`)
  return {
    read: () => readState(stateFile),
    write: async state => {
      await writeDurably(stateFile, `${JSON.stringify(state, null, 2)}\n`)
      await forgetKeys(join(folder, 'keys'), keysInUse(state))
    },
    keepKey: async pair => {
      const name = publicKeyHash(pair.publicKey).slice(0, 32)
      await writeDurably(keyFile(name), privateKeyPem(pair.privateKey))
      return name
    },
    key: async name => createPrivateKey(await readFile(keyFile(name))),
    exclusively: async deed => {
      await mkdir(join(folder, 'keys'), { recursive: true, mode: 0o700 })
      return lockFolder(folder, deed)
    },
  }
}

/** The state in `file`; a product out of its box where there is none. Throws with advice where it cannot be read. */
async function readState(file: string): Promise<State> {
  const text = await readFile(file, 'utf8').catch(error => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return newState()
  try {
    return stateSchema.parse(JSON.parse(text))
  } catch {
    throw new Error(`${file} holds no state of a product: name another folder with --state, or remove this one and register anew.`)
  }
}

async function writeDurably(file: string, text: string): Promise<void> {
  const beside = `${file}.new`
  const handle = await open(beside, 'w', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(beside, file)
  await syncFolder(join(file, '..'))
}

/** A rename is on the disk when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}

/** Removes the keys that no state needs any more. It runs after the state is written: a key too many is harmless, one too few is not. */
async function forgetKeys(folder: string, needed: Set<string>): Promise<void> {
  const names = await readdir(folder)
  await Promise.all(names.filter(name => !needed.has(name.replace(/\.pem$/, ''))).map(name => rm(join(folder, name))))
}
