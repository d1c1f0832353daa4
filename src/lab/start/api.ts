import { readFileSync } from 'node:fs'
import { request } from 'node:https'

/** The server's REST API, as a script would use it: over TLS, with a token of its own client. */
export type Api = { get(path: string): Promise<Answer>; post(path: string, body: object): Promise<Answer> }
type Answer = Record<string, unknown>

type Client = { clientId: string; clientSecret: string }

/** Signs in with client credentials. `root` is the file of the root that the server's browser certificate leads to. */
export async function openApi(port: number, root: string, client: Client): Promise<Api> {
  const ca = readFileSync(root)
  const call = (method: string, path: string, body?: object, token?: string): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
      request({ host: 'localhost', port, path, method, ca, headers, timeout: 60_000 }, async response => {
        const text = (await response.toArray()).join('')
        if (response.statusCode! < 300) return resolve(JSON.parse(text))
        reject(new Error(`${method} ${path} was answered ${response.statusCode}: ${text.slice(0, 500)}`))
      })
        .on('error', reject)
        .on('timeout', () => reject(new Error(`${method} ${path} was not answered within a minute.`)))
        .end(body && JSON.stringify(body))
    })
  const { access_token } = await call('POST', '/oauth/token', {
    grant_type: 'client_credentials',
    client_id: client.clientId,
    client_secret: client.clientSecret,
  })
  const token = String(access_token)
  return { get: path => call('GET', path, undefined, token), post: (path, body) => call('POST', path, body, token) }
}
