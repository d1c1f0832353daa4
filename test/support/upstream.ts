import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { readWay } from '../../src/administration/network/readWay.ts'
import { openNetworkCarrier } from '../../src/cloud/network.ts'
import type { Config } from '../../src/config.ts'
import { type Cloud, openCloud } from '../../src/lab/cloud/openCloud.ts'
import { findVirtualAccountOf } from '../../src/lab/cloud/store/accounts.ts'
import { buy, listPurchases, type NewPurchase, removePurchase, setQuantity } from '../../src/lab/cloud/store/purchases.ts'
import { findRegistration } from '../../src/lab/cloud/store/registrations.ts'
import { listProductIds, listProducts, listUsage } from '../../src/lab/cloud/store/reports.ts'
import { authorizeUsage } from '../../src/licensing/authorizeUsage.ts'
import { openAuthority } from '../../src/pki/authority.ts'
import type { LocalAccount } from '../../src/rules/accounts.ts'
import { mintIdentifier } from '../../src/rules/identifiers.ts'
import { findAuthorityRecord } from '../../src/storage/accountAuthorities.ts'
import { findDefaultLocalVirtualAccount } from '../../src/storage/localVirtualAccounts.ts'
import { findServerSignerRecord } from '../../src/storage/serverIdentity.ts'
import { ensureServerIdentity } from '../../src/synchronization/ensureServerIdentity.ts'
import { registerLocalAccount } from '../../src/synchronization/registerLocalAccount.ts'
import { administrator } from './account.ts'
import { insertOnlyCertificate, onlySerialOf } from './certificateRows.ts'
import { type TestClock, testClock } from './clock.ts'
import { type TestContext, testContext } from './context.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'
import { ask } from './http.ts'

/** The laboratory's cloud on a port of its own, with a copy of every container. */
export type Upstream = Cloud & {
  clock: TestClock
  exchanges: string
  /** The Virtual Account of that name of Example Corp, as tests buy for it. */
  shop(virtualAccount: string): Shop
  /** What every container said that went up, inflated. */
  upward(): string[]
}

/** Buying for one Virtual Account. */
export type Shop = {
  lots(): { id: number; tag: string; quantity: number }[]
  buy(tag: string, quantity: number, given?: Partial<NewPurchase>): Promise<number>
  set(lot: number, quantity: number): Promise<void>
  remove(lot: number): Promise<void>
  empty(): Promise<void>
}

/** Opens a cloud; everything of it is gone when it is closed. */
export async function openUpstream(clock: TestClock = testClock()): Promise<Upstream> {
  const folder = mkdtempSync(join(tmpdir(), 'quartermaster-cloud-'))
  const exchanges = join(folder, 'exchanges')
  const cloud = await openCloud({ data: join(folder, 'cloud'), port: 0, clock, exchanges, pollSeconds: 0 })
  return {
    ...cloud,
    clock,
    exchanges,
    shop: name => shopOf(cloud, name),
    upward: () =>
      readdirSync(exchanges)
        .filter(name => name.includes('-request'))
        .sort((a, b) => statSync(join(exchanges, a)).mtimeMs - statSync(join(exchanges, b)).mtimeMs)
        .map(name => payloadText(readFileSync(join(exchanges, name), 'utf8'))),
    async close() {
      await cloud.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The JSON inside a container, read without any of our code. */
export const payloadText = (container: string): string =>
  gunzipSync(Buffer.from(JSON.parse(container).payload, 'base64url')).toString('utf8')

function shopOf({ database }: Cloud, name: string): Shop {
  const account = () => findVirtualAccountOf(database.read, 100001, { id: null, name })!
  const lots = () => listPurchases(database.read, account().id)
  const lot = { licenseType: 'PERPETUAL' as const, startDate: null, endDate: null, subscriptionId: null }
  return {
    lots,
    buy: (tag, quantity, given = {}) => database.write(db => buy(db, { ...lot, virtualAccountId: account().id, tag, quantity, ...given })),
    set: (id, quantity) => database.write(db => setQuantity(db, account().id, id, quantity)),
    remove: id => database.write(db => removePurchase(db, account().id, id)),
    empty: () =>
      database.write(db => {
        for (const each of lots()) removePurchase(db, account().id, each.id)
      }),
  }
}

/** What the cloud knows of a Local Account. */
export function seenByCloud({ database }: Cloud, localAccountId: string) {
  const registration = findRegistration(database.read, localAccountId)!
  return {
    registration,
    products: listProducts(database.read, registration.id, '', 1000),
    productIds: listProductIds(database.read, registration.id),
    usage: Object.fromEntries(listUsage(database.read, registration.id).map(each => [each.tag, each.inUse])),
  }
}

/** A server with a database of its own that knows a cloud. */
export type Branch = {
  context: TestContext
  database: TestDatabase
  /** Registers a Local Account, by default with the Virtual Account of the same name. */
  register(name?: string, given?: Partial<Parameters<typeof registerLocalAccount>[2]>): Promise<LocalAccount>
  close(): Promise<void>
}

/** Opens the server's shelves as the roof does, with the cloud's roots in its settings. */
export async function openBranch(upstream: Upstream, given: Partial<Config> = {}): Promise<Branch> {
  const database = await createTestDatabase()
  const { db } = database.storage
  const { ready, clock } = upstream
  const base = testContext(database.storage, clock)
  const config = { ...base.config, licensingRootFile: ready.licensingRoot, cloudUrl: ready.url, cloudCaFile: ready.cloudRoot, ...given }
  const authority = openAuthority(base.secrets, {
    load: id => findAuthorityRecord(db, id),
    loadServerSigner: () => findServerSignerRecord(db),
  })
  const context = { ...base, config, authority, cloud: openNetworkCarrier(config, () => readWay(base)) }
  await ensureServerIdentity(db, context.secrets, clock.now())
  const credentials = { clientId: ready.clientId, clientSecret: ready.clientSecret }
  return {
    context,
    database,
    register: (name = 'Laboratory', given = {}) =>
      registerLocalAccount(context, administrator, { name, smartAccount: 'Example Corp', virtualAccount: name, credentials, ...given }),
    close: database.drop,
  }
}

/**
 * The `before` and `after` of tests with a cloud and a server that knows it: opens both, hands them over, and closes them. What `take` does comes
 * before all tests.
 */
export function withCloud(take: (both: { upstream: Upstream; branch: Branch }) => unknown): void {
  let [upstream, branch]: [Upstream?, Branch?] = []
  before(async () => {
    upstream = await openUpstream()
    branch = await openBranch(upstream)
    await take({ upstream, branch })
  })
  after(async () => {
    await branch?.close()
    await upstream?.close()
  })
}

let serial = 0

/** Carries a prepared request by hand: uploads it to the cloud as a person does, and gives the file that comes back. */
export async function courier({ ready }: Pick<Upstream, 'ready'>, request: string): Promise<string> {
  const authorization = `Basic ${Buffer.from(`${ready.username}:${ready.password}`).toString('base64')}`
  const answer = await ask(`${ready.url}/exchange`, {
    headers: { authorization, 'Content-Type': 'application/json' },
    body: request,
    ca: readFileSync(ready.cloudRoot, 'utf8'),
  })
  if (answer.status !== 200)
    throw new Error(`The cloud answered ${answer.status}: ${/pf-v6-c-alert__title">([^<]*)/.exec(answer.body)?.[1]}`)
  return answer.body
}

/** A product instance that stands in an account's Default Local Virtual Account, and what it uses. */
export async function standProduct(
  { context }: Pick<Branch, 'context'>,
  account: LocalAccount,
  given: { hostname?: string | null; mac?: string; serial?: string } = {},
): Promise<string> {
  const { db } = context.storage
  const now = context.clock.now()
  const place = await findDefaultLocalVirtualAccount(db, account.id)
  const id = mintIdentifier(account.id, now, randomBytes(7))
  const number = given.serial ?? `FOX${String(++serial).padStart(8, '0')}`
  const hostname = given.hostname === undefined ? `edge-${serial}` : given.hostname
  const sudi = { udi_pid: 'EX-R1000', udi_serial_number: number, mac_address: given.mac ?? null, uuid: null }
  await db('product_instances').insert({
    local_account_id: account.id,
    id,
    local_virtual_account_id: place!.id,
    state: 'REGISTERED',
    software_tag: 'regid.2020-01.com.example.EX-R1000,1.0_00000000-0000-4000-8000-000000000001',
    product_type: 'EX-R1000',
    udi_key: `urn:udi:EX-R1000:${number}`,
    udi_pid: sudi.udi_pid,
    udi_serial_number: number,
    devices: JSON.stringify([{ sudi, hostname, softwareTag: 'regid', role: 'Active' }]),
    hostname,
    name: hostname ?? number,
    export_controlled: false,
    registration_token_id: id,
    registered_at: now,
  })
  await db('product_instance_contacts').insert({ local_account_id: account.id, product_instance_id: id, last_contact_at: now })
  await insertOnlyCertificate(db, { localAccountId: account.id, productInstanceId: id }, now)
  return id
}

/** Lets a product instance report what it uses, by the same verb as the device door. */
export async function useLicenses(
  { context }: Pick<Branch, 'context'>,
  account: LocalAccount,
  id: string,
  uses: Record<string, number>,
): Promise<void> {
  const [outcome] = await authorizeUsage(context, [
    {
      localAccountId: account.id,
      productInstanceId: id,
      certificateSerial: onlySerialOf(id),
      acknowledges: false,
      sender: Buffer.from(id.replaceAll('-', ''), 'hex'),
      nonce: randomBytes(8).toString('hex'),
      requestHash: randomBytes(32),
      entitlementVersion: 0,
      entitlements: Object.entries(uses).map(([tag, count]) => ({ tag, version: '1.0', count })),
      write: answer => JSON.stringify(answer),
    },
  ])
  if (outcome instanceof Error) throw outcome
}
