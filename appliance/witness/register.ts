import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { putFile } from '../../src/files.ts'

/** Who owns a pair's data, and by which turn of ownership: "every change of owner or mode is epoch+1". Nobody has owned it yet at epoch 0. */
export type Value = { epoch: number; owner: string | null }

export const nothingYet: Value = { epoch: 0, owner: null }

export const clusterName = /^[a-z0-9][a-z0-9-]{0,62}$/
export const ownerName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/

const same = (a: Value, b: Value) => a.epoch === b.epoch && a.owner === b.owner

/** Reads a value as it was sent or kept; undefined for anything else. */
export function readValue(given: unknown): Value | undefined {
  if (typeof given !== 'object' || given === null || Object.keys(given).some(name => name !== 'epoch' && name !== 'owner')) return undefined
  const { epoch, owner } = given as Partial<Record<keyof Value, unknown>>
  if (!Number.isSafeInteger(epoch) || (epoch as number) < 0) return undefined
  if (epoch === 0) return owner === null ? nothingYet : undefined
  return typeof owner === 'string' && ownerName.test(owner) ? { epoch: epoch as number, owner } : undefined
}

/** The registers of a folder, a file a cluster. One process alone may hold a folder. */
export type Registers = {
  read(cluster: string): Value
  /** Takes `next` where the register holds `expected`, durably before it answers; gives what it holds then. */
  swap(cluster: string, expected: Value, next: Value): { won: boolean; value: Value }
}

/**
 * "witness = CAS register {epoch, owner}: promote and 'go solo' are both e -> e+1; exactly one can win; no clocks, no leases". A swap reads, decides and
 * writes in one turn of the process, so that no other comes between. Whoever asks again for what they have won already, because the answer was
 * lost, is told that it is theirs. A file that cannot be read is a fault, and never taken for an empty register.
 */
export function openRegisters(folder: string): Registers {
  // What a power cut left half written; the register itself was exchanged whole, or not at all.
  for (const name of readdirSync(folder)) if (/\.json\.[0-9a-f]{12}$/.test(name)) rmSync(join(folder, name))
  const fileOf = (cluster: string) => join(folder, `${cluster}.json`)

  function read(cluster: string): Value {
    let text: string
    try {
      text = readFileSync(fileOf(cluster), 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return nothingYet
      throw error
    }
    const value = readValue(parsed(text))
    if (!value) throw new Error(`${fileOf(cluster)} is damaged. Look which node is active, and write its epoch and owner there.`)
    return value
  }

  return {
    read,
    swap(cluster, expected, next) {
      const value = read(cluster)
      if (same(value, next)) return { won: true, value }
      if (!same(value, expected)) return { won: false, value }
      putFile(fileOf(cluster), `${JSON.stringify(next)}\n`)
      return { won: true, value: next }
    },
  }
}

/** The value of a JSON text; undefined where it is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
