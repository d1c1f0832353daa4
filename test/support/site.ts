import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Context } from '../../src/context.ts'
import { openWebDoor } from '../../src/web/door.ts'
import { type RegisteredAccount, registeredAccount } from './account.ts'
import { type TestClock, testClock } from './clock.ts'
import { type TestContext, testContext } from './context.ts'
import { createTestDatabase } from './database.ts'
import { castPassword, hire, type Member, type Stage } from './people.ts'

/** The workspaces on a port of their own, with a registered account. */
export type Site = {
  context: TestContext
  clock: TestClock
  home: RegisteredAccount
  stage: Stage
  port: number
  url: string
  /** A browser without scripts: it keeps cookies and follows nothing by itself. */
  visitor(): HttpVisitor
  /** Somebody of the cast, signed in; hired at first sight. */
  signedIn(member: Member): Promise<HttpVisitor>
  close(): Promise<void>
}

export type Answer = { status: number; headers: NodeJS.Dict<string | string[]>; text: string }
type Sent = { form?: Record<string, string>; headers?: Record<string, string> }

/** Opens the site. */
export async function openSite(start?: Date): Promise<Site> {
  const database = await createTestDatabase()
  const clock = testClock(start)
  const dataFolder = mkdtempSync(join(tmpdir(), 'quartermaster-site-'))
  const base = testContext(database.storage, clock)
  const context = { ...base, config: { ...base.config, dataFolder, hostNames: ['localhost'] } }
  const home = await registeredAccount(context, { name: 'Laboratory' })
  const stage = { localAccountId: home.account.id, localVirtualAccountId: home.place.id }
  const door = await openWebDoor(context, { port: 0, host: '127.0.0.1' })
  const hired = new Set<Member>()
  const visitor = () => httpVisitor(door.port)
  return {
    context,
    clock,
    home,
    stage,
    port: door.port,
    url: `https://localhost:${door.port}`,
    visitor,
    async signedIn(member) {
      await hireOnce(context, hired, member, stage)
      const person = visitor()
      await person.signIn(member.toLowerCase(), castPassword)
      return person
    },
    async close() {
      await door.close()
      await database.drop()
      rmSync(dataFolder, { recursive: true, force: true })
    },
  }
}

async function hireOnce(context: Context, hired: Set<Member>, member: Member, stage: Stage) {
  if (hired.has(member)) return
  hired.add(member)
  await hire(context, member, stage)
}

/** A browser as far as HTTP goes. */
export type HttpVisitor = ReturnType<typeof httpVisitor>

function httpVisitor(port: number) {
  const cookies = new Map<string, string>()
  const agent = new Agent({ keepAlive: true, maxSockets: 4, rejectUnauthorized: false })

  function send(method: string, path: string, { form, headers = {} }: Sent = {}): Promise<Answer> {
    const body = form && new URLSearchParams(form).toString()
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const all = {
      ...(cookie && { cookie }),
      ...(body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
      ...headers,
    }
    return new Promise((resolve, reject) => {
      request({ host: 'localhost', port, path, method, headers: all, agent }, async response => {
        for (const line of response.headers['set-cookie'] ?? []) keep(line)
        const text = Buffer.concat(await response.toArray()).toString()
        resolve({ status: response.statusCode!, headers: response.headers, text })
      })
        .on('error', reject)
        .end(body)
    })
  }

  function keep(line: string) {
    const [name = '', value = ''] = line.split(';')[0]!.split('=', 2)
    if (value) cookies.set(name, value)
    else cookies.delete(name)
  }

  const get = (path: string, headers?: Record<string, string>) => send('GET', path, headers ? { headers } : {})
  const fragment = (path: string, headers: Record<string, string> = {}) => get(path, { 'HX-Request-Type': 'partial', ...headers })
  /** Posts a form as the page at `from` has it: with that page's token. */
  async function submit(from: string, path: string, form: Record<string, string>, headers: Record<string, string> = {}) {
    return send('POST', path, { form: { _token: await token(from), ...form }, headers })
  }
  const token = async (from: string) => /name="_token" value="([^"]+)"/.exec((await get(from)).text)?.[1] ?? ''
  const signIn = (username: string, password: string, next = '') => submit('/sign-in', '/sign-in', { username, password, next })
  return { cookies, send, get, fragment, submit, token, signIn }
}
