import { type Agent, request } from 'node:https'

/** An answer over HTTPS, whole. */
export type HttpAnswer = { status: number; headers: Record<string, string | string[] | undefined>; body: Buffer }

/** A request over HTTPS. Milliseconds: `silence` without a byte, `deadline` for the whole. */
export type HttpRequest = {
  url: URL
  headers: Record<string, string>
  body: string
  agent: Agent
  limits: { bytes: number; silence: number; deadline: number }
}

/** No answer that can be used came; `code` is the platform's, or one of ours. */
export class HttpFault extends Error {
  readonly code: string

  constructor(code: string, cause?: unknown) {
    super(`HTTPS: ${code}`, { cause })
    this.name = 'HttpFault'
    this.code = code
  }
}

/**
 * Posts a body and gives the answer. Follows no redirection: what is posted begins with a secret. Throws HttpFault when no answer comes in
 * time, when it is longer than allowed (counted while it comes), or when the connection fails.
 */
export function post({ url, headers, body, agent, limits }: HttpRequest): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const length = String(Buffer.byteLength(body))
    const options = { method: 'POST', agent, headers: { ...headers, 'Content-Length': length }, timeout: limits.silence }
    const sent = request(url, options, async response => {
      try {
        const answer = await readAll(response, limits.bytes)
        resolve({ status: response.statusCode!, headers: response.headers, body: answer })
      } catch (error) {
        reject(error instanceof HttpFault ? error : new HttpFault((error as NodeJS.ErrnoException).code ?? 'ECONNRESET', error))
      } finally {
        clearTimeout(deadline)
        sent.destroy()
      }
    })
    const deadline = setTimeout(() => sent.destroy(new HttpFault('ETIMEDOUT')), limits.deadline)
    sent.on('timeout', () => sent.destroy(new HttpFault('ETIMEDOUT')))
    sent.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(deadline)
      reject(error instanceof HttpFault ? error : new HttpFault(error.code ?? 'ECONNRESET', error))
    })
    sent.end(body)
  })
}

async function readAll(response: AsyncIterable<Buffer>, most: number): Promise<Buffer> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of response) {
    length += piece.length
    if (length > most) throw new HttpFault('TOO_LARGE')
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}
