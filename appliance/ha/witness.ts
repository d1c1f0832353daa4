import { Agent } from 'node:https'
import { z } from 'zod'
import type { Claim } from './facts.ts'
import { askOver, type Credentials } from './peer.ts'

const register = z.object({ epoch: z.number().int().min(0), owner: z.string().nullable() })
type Register = z.infer<typeof register>

/** "witness = CAS register {epoch, owner}: … exactly one can win; no clocks, no leases, contacted only on a transition". */
export type Witness = {
  url: string
  /** Whether it let this node have the epoch. Never when it cannot be reached. */
  win(claim: Claim, next: Register): Promise<boolean>
  isReachable(): Promise<boolean>
}

/**
 * The witness's client. What is expected is the register as it stands, as long as it is of no later epoch than this node knows: a return to sync
 * that did not reach the witness leaves it behind, and two nodes that then reach for it still expect the same value, so that one of them loses.
 */
export function openWitness(url: string, cluster: string, { ca, certificate, key }: Credentials): Witness {
  const agent = new Agent({ ca, cert: certificate, key, minVersion: 'TLSv1.3', keepAlive: false })
  const place = new URL(`registers/${cluster}`, url.endsWith('/') ? url : `${url}/`)
  const current = async (): Promise<Register | undefined> => {
    const { status, text } = await askOver(agent, place, { method: 'GET', timeout: 2000 })
    if (status === 404) return { epoch: 0, owner: null }
    return status === 200 ? register.parse(JSON.parse(text)) : undefined
  }
  return {
    url,
    async win(claim, next) {
      try {
        const expected = await current()
        if (!expected || expected.epoch > claim.epoch) return expected?.epoch === next.epoch && expected.owner === next.owner
        return (await askOver(agent, place, { method: 'POST', body: { expected, next }, timeout: 2000 })).status === 200
      } catch {
        return false
      }
    },
    isReachable: () =>
      current().then(
        found => found !== undefined,
        () => false,
      ),
  }
}
