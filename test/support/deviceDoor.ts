import { type DeviceDoor, type DeviceDoorOptions, openDeviceDoor } from '../../src/device/door.ts'
import { openIssuer } from '../../src/pki/issue.ts'
import { privateKeyPem } from '../../src/pki/keys.ts'
import { makeTlsCertificate, makeTlsRoot } from '../../src/pki/tlsCertificate.ts'
import { newToken, type RegisteredAccount, registeredAccount } from './account.ts'
import { testTrust } from './authorityRows.ts'
import { type TestClock, testClock } from './clock.ts'
import { type TestContext, testContext } from './context.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'
import { type Surroundings, TestProduct } from './product.ts'

/** A door that is open on a database of its own, an account behind it, and products in front of it. */
export type OpenDoor = {
  context: TestContext
  clock: TestClock
  door: DeviceDoor
  around: Surroundings
  home: RegisteredAccount
  /** A token of the account, good for any number of products. */
  token: string
  product(given?: ConstructorParameters<typeof TestProduct>[1]): TestProduct
  /** How many rows each table has that a message may write. */
  rows(): Promise<Record<string, number>>
  close(): Promise<void>
}

const written = ['product_instances', 'certificates', 'usage', 'replies', 'polls', 'events', 'tombstones', 'product_instance_contacts']

/** Opens the door on free ports. Products' TLS trusts a root of this door's own; their licensing root is the tests'. */
export async function openTestDoor(given: Omit<DeviceDoorOptions, 'http' | 'https'> = {}): Promise<OpenDoor> {
  const database = await createTestDatabase()
  // On a full second, as certificates have it.
  const clock = testClock(new Date(Math.floor(Date.now() / 1000) * 1000))
  const context = testContext(database.storage, clock)
  const home = await registeredAccount(context)
  const { door, tlsRoot } = await openOn(context, given)
  const { root } = await testTrust()
  const around = { httpPort: door.httpPort!, httpsPort: door.httpsPort!, tlsRoot, licensingRoot: root.pem, now: clock.now }
  return {
    context,
    clock,
    door,
    around,
    home,
    token: (await newToken(context, home)).secret,
    product: options => new TestProduct(around, options),
    rows: () => countRows(database),
    async close() {
      await door.close()
      await database.drop()
    },
  }
}

/** Opens only the door, on a context that a test has made. */
export async function openOn(context: TestContext, given: Omit<DeviceDoorOptions, 'http' | 'https'> = {}) {
  const now = new Date()
  const root = await makeTlsRoot('test', now)
  const server = await makeTlsCertificate(openIssuer(root.pem, root.privateKey), ['localhost', '127.0.0.1', '::1'], now)
  const https = { port: 0, key: privateKeyPem(server.privateKey), cert: server.pem }
  return { door: await openDeviceDoor(context, { http: { port: 0 }, https, ...given }), tlsRoot: root.pem }
}

async function countRows({ storage }: TestDatabase): Promise<Record<string, number>> {
  const counts = written.map(table => `(select count(*) from ${table}) as ${table}`)
  const uses = '(select coalesce(sum(uses), 0) from registration_tokens) as token_uses'
  return (await storage.db.raw(`select ${[...counts, uses].join(', ')}`)).rows[0]
}
