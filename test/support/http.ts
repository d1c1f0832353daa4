import http from 'node:http'
import https from 'node:https'

/** What came back. */
export type HttpAnswer = { status: number; headers: http.IncomingHttpHeaders; body: string }

export type HttpQuestion = {
  method?: string
  headers?: Record<string, string>
  body?: string | Buffer
  /** The certificate to trust, for https. */
  ca?: string
}

/** Asks once, on a connection of its own. */
export function ask(url: string, { method = 'POST', headers = {}, body, ca }: HttpQuestion = {}): Promise<HttpAnswer> {
  const { request } = url.startsWith('https:') ? https : http
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false, ...(ca && { ca }) }, response => {
      const chunks: Buffer[] = []
      response.on('data', chunk => chunks.push(chunk))
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks).toString('utf8') }),
      )
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
