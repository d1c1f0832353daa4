import { Agent, request } from 'node:https'
import { z } from 'zod'
import type { PeerFacts } from './facts.ts'

const claim = { epoch: z.number().int().min(0), owner: z.string().nullable(), mode: z.enum(['sync', 'alone']) }

/**
 * What an agent answers to `GET /state`. Of a newer release, it may say more: the pair is upgraded one node after the other.
 */
export const peerFacts = z.object({
  node: z.string(),
  ...claim,
  state: z.enum(['held', 'standby', 'active', 'isolated', 'failed', 'rejoining', 'maintenance', 'conflict']),
  database: z.enum(['stopped', 'starting', 'primary', 'standby']),
  follows: z.enum(['no', 'streaming', 'sync']),
  eligible: z.boolean(),
  release: z.string(),
  serverWaits: z.boolean().optional(),
  /** Its clock. */
  at: z.iso.datetime().optional(),
})

/** What one agent may ask the other, by path. `give-way`: "I go on alone in this epoch: give up your claim"; `take-over`: "I am down, promote". */
export const questions = {
  'give-way': z.strictObject({ epoch: z.number().int().min(1) }),
  'take-over': z.strictObject({ epoch: z.number().int().min(1), location: z.string().regex(/^[\dA-F]{1,8}\/[\dA-F]{1,8}$/) }),
  checkpoint: z.strictObject({}),
} as const
export type Question = keyof typeof questions

/** Both certificates of a connection between the two nodes, in PEM. */
export type Credentials = { ca: string; certificate: string; key: string }

/** The other agent, over TLS 1.3 with both certificates verified. */
export type PeerClient = {
  /** Its state now; undefined when it does not answer in time. */
  state(timeout?: number): Promise<PeerFacts | undefined>
  /** Whether it did what was asked; it throws when it cannot be reached. */
  ask<Q extends Question>(question: Q, body: z.infer<(typeof questions)[Q]>, timeout?: number): Promise<boolean>
  close(): void
}

const enough = 64 * 1024

export type Answer = { status: number; text: string }

/** One question to one place over mutual TLS; `name` is what its certificate must say. Rejects after `timeout` milliseconds. */
export function askOver(
  agent: Agent,
  url: URL,
  options: { name?: string; method: string; body?: object; timeout: number },
): Promise<Answer> {
  const { name, method, body, timeout } = options
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const headers = text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
    const asked = request(
      url,
      { agent, method, headers, ...(name && { servername: name }), signal: AbortSignal.timeout(timeout) },
      response => {
        let answer = ''
        response.setEncoding('utf8')
        response.on('data', part => {
          answer += part
          if (answer.length > enough) asked.destroy(new Error('The answer is too long.'))
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text: answer }))
        response.on('error', reject)
      },
    )
    asked.on('error', reject)
    asked.end(text)
  })
}

/** Opens the way to the other agent; nothing is connected until it is asked. */
export function openPeer(name: string, address: string, port: number, { ca, certificate, key }: Credentials): PeerClient {
  const agent = new Agent({ ca, cert: certificate, key, minVersion: 'TLSv1.3', keepAlive: true, maxSockets: 4 })
  const base = `https://${address.includes(':') ? `[${address}]` : address}:${port}`
  return {
    async state(timeout = 2000) {
      try {
        const { status, text } = await askOver(agent, new URL('/state', base), { name, method: 'GET', timeout })
        return status === 200 ? peerFacts.parse(JSON.parse(text)) : undefined
      } catch {
        return undefined
      }
    },
    async ask(question, body, timeout = 3000) {
      return (await askOver(agent, new URL(`/${question}`, base), { name, method: 'POST', body, timeout })).status === 200
    },
    close: () => agent.destroy(),
  }
}
