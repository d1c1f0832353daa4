import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Context } from '../../src/context.ts'
import { findDefaultLocalVirtualAccount } from '../../src/storage/localVirtualAccounts.ts'
import { openWebDoor } from '../../src/web/door.ts'
import type { Route } from '../../src/web/route.ts'
import { type RegisteredAccount, registeredAccount } from './account.ts'
import { type TestClock, testClock } from './clock.ts'
import { type TestContext, testContext } from './context.ts'
import { createTestDatabase } from './database.ts'
import { type HttpVisitor, httpVisitor } from './httpVisitor.ts'
import { castPassword, hire, type Member, type Stage } from './people.ts'
import type { Branch } from './upstream.ts'

/** The workspaces on a port of their own, with a registered account. */
export type Site = {
  context: TestContext
  clock: TestClock
  home: RegisteredAccount
  stage: Stage
  readonly port: number
  readonly url: string
  /** Somebody who is not signed in. */
  visitor(): HttpVisitor
  /** Adds somebody of the cast, once. */
  hire(member: Member): Promise<void>
  /** Somebody of the cast, signed in; hired at first sight. */
  signedIn(member: Member): Promise<HttpVisitor>
  /** Closes the port and opens another on the same database, as after a restart; with another site map where one is given. */
  reopen(table?: Route[]): Promise<void>
  close(): Promise<void>
}

/** Opens the site; on a server that knows a cloud, where one is given, which is closed with it. `patience` is how long its pages wait. */
export async function openSite({
  start,
  on,
  patience,
}: {
  start?: Date
  on?: { branch: Branch; clock: TestClock }
  patience?: number
} = {}): Promise<Site> {
  const database = on ? on.branch.database : await createTestDatabase()
  const clock = on ? on.clock : testClock(start)
  const dataFolder = mkdtempSync(join(tmpdir(), 'quartermaster-site-'))
  const base = on ? on.branch.context : testContext(database.storage, clock)
  const context = { ...base, config: { ...base.config, dataFolder, hostNames: ['localhost'] } }
  // One that no cloud knows has no authority that such a server opens.
  const home = on ? await homeOf(on.branch) : await registeredAccount(context, { name: 'Laboratory' })
  const stage = { localAccountId: home.account.id, localVirtualAccountId: home.place.id }
  const open = (table?: Route[]) =>
    openWebDoor(context, { port: 0, host: '127.0.0.1', ...(table && { table }), ...(patience && { patience }) })
  let door = await open()
  const hired = new Set<Member>()
  const visitor = () => httpVisitor(door.port)
  return {
    context,
    clock,
    home,
    stage,
    get port() {
      return door.port
    },
    get url() {
      return `https://localhost:${door.port}`
    },
    visitor,
    hire: member => hireOnce(context, hired, member, stage),
    async signedIn(member) {
      await hireOnce(context, hired, member, stage)
      const person = visitor()
      await person.signIn(member.toLowerCase(), castPassword)
      return person
    },
    async reopen(table) {
      await door.close()
      door = await open(table)
    },
    async close() {
      await door.close()
      await database.drop()
      rmSync(dataFolder, { recursive: true, force: true })
    },
  }
}

async function homeOf(branch: Branch): Promise<RegisteredAccount> {
  const account = await branch.register('Laboratory')
  return { account, place: (await findDefaultLocalVirtualAccount(branch.context.storage.db, account.id))! }
}

async function hireOnce(context: Context, hired: Set<Member>, member: Member, stage: Stage) {
  if (hired.has(member)) return
  hired.add(member)
  await hire(context, member, stage)
}
