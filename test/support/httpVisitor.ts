import type { IncomingHttpHeaders } from 'node:http'
import { Agent, request } from 'node:https'

export type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer; text: string }
type Sent = { form?: Record<string, string>; body?: Buffer; headers?: Record<string, string> }

/** A browser as far as HTTP goes: it keeps cookies, knows the token of the page it saw last, and follows nothing by itself. */
export type HttpVisitor = ReturnType<typeof httpVisitor>

/** Somebody at the workspaces on `port`. */
export function httpVisitor(port: number) {
  const cookies = new Map<string, string>()
  const agent = new Agent({ keepAlive: true, maxSockets: 4, rejectUnauthorized: false })
  const here = { port, token: '' }

  function keep(line: string) {
    const [name = '', value = ''] = line.split(';')[0]!.split('=', 2)
    if (value) cookies.set(name, value)
    else cookies.delete(name)
  }

  async function send(method: string, path: string, { form, body, headers = {} }: Sent = {}): Promise<Answer> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const type = form && { 'content-type': 'application/x-www-form-urlencoded' }
    const options = { host: 'localhost', port: here.port, path, method, agent, headers: { ...(cookie && { cookie }), ...type, ...headers } }
    const answer = await new Promise<Answer>((resolve, reject) => {
      request(options, async response => {
        const body = Buffer.concat(await response.toArray())
        resolve({ status: response.statusCode!, headers: response.headers, body, text: body.toString() })
      })
        .on('error', reject)
        .end(body ?? (form && new URLSearchParams(form).toString()))
    })
    for (const line of answer.headers['set-cookie'] ?? []) keep(line)
    here.token = /"X-Form-Token":"([^"]+)"/.exec(answer.text)?.[1] ?? here.token
    return answer
  }

  const get = (path: string, headers: Record<string, string> = {}) => send('GET', path, { headers })
  const fragment = (path: string, headers: Record<string, string> = {}) => get(path, { 'HX-Request-Type': 'partial', ...headers })
  /** The token of the forms on a page. */
  async function token(path: string): Promise<string> {
    await get(path)
    return here.token
  }
  /** Sends a form that is on the page at `from`. */
  const submit = async (from: string, path: string, form: Record<string, string>) =>
    send('POST', path, { form: { _token: await token(from), ...form } })
  /** Sends a form with a file that is on the page at `from`, as a browser writes it. */
  async function upload(from: string, path: string, file: string | Buffer, fields: Record<string, string> = {}): Promise<Answer> {
    const parts = new FormData()
    for (const [name, value] of Object.entries({ _token: await token(from), ...fields })) parts.append(name, value)
    parts.append('file', new Blob([typeof file === 'string' ? file : new Uint8Array(file)]), 'file.json')
    const written = new Response(parts)
    const headers = { 'content-type': written.headers.get('content-type')! }
    return send('POST', path, { body: Buffer.from(await written.arrayBuffer()), headers })
  }
  const signIn = (username: string, password: string, next = '') => submit('/sign-in', '/sign-in', { username, password, next })

  return { cookies, here, send, get, fragment, token, submit, upload, signIn }
}
