import { exampleConversions, exampleSubstitutions, exampleTags, tags } from './exampleCatalog.ts'
import { makeSecret } from './secrets.ts'
import { createSmartAccount, createVirtualAccount } from './store/accounts.ts'
import { addSubstitution, addTag } from './store/catalog.ts'
import { createClient } from './store/clients.ts'
import { addConversionRule } from './store/conversionRules.ts'
import type { Database, Db } from './store/database.ts'
import { buy, type NewPurchase } from './store/purchases.ts'
import { findSetting, putSetting } from './store/settings.ts'

const day = 86_400_000

/** How to sign in to a new cloud, as a person and as a server. */
export type SignIn = { username: string; password: string; clientId: string; clientSecret: string }

/**
 * Furnishes a new cloud: the catalog, `Example Corp` with its two Virtual Accounts and what they own, a person and an OAuth client for every
 * Smart Account, with secrets made here. On later starts everything is as it was left. Gives how to sign in.
 */
export const seed = (database: Database, now: Date): Promise<SignIn> =>
  database.write(db => {
    if (!findSetting(db, 'password')) furnish(db, now)
    const setting = (name: keyof SignIn) => findSetting(db, name)!
    return {
      username: setting('username'),
      password: setting('password'),
      clientId: setting('clientId'),
      clientSecret: setting('clientSecret'),
    }
  })

function furnish(db: Db, now: Date): void {
  for (const tag of exampleTags) addTag(db, tag)
  for (const rule of exampleSubstitutions) addSubstitution(db, rule)
  for (const rule of exampleConversions) addConversionRule(db, rule)
  const { id } = createSmartAccount(db, 'Example Corp', now)
  const laboratory = createVirtualAccount(db, id, 'Laboratory', now)
  for (const lot of purchasesOfLaboratory(now)) buy(db, { ...lot, virtualAccountId: laboratory.id })
  const second = createVirtualAccount(db, id, 'Second site', now)
  for (const lot of purchasesOfSecondSite(now)) buy(db, { ...lot, virtualAccountId: second.id })
  const client = createClient(db, { name: 'Laboratory', smartAccountId: null }, now)
  const signIn: SignIn = { username: 'admin', password: makeSecret(), ...client }
  for (const [name, value] of Object.entries(signIn)) putSetting(db, name, value)
}

type Lot = Omit<NewPurchase, 'virtualAccountId'>

/** The beginning of the day, so that dates read as dates. */
const dayFrom = (now: Date, days: number) => Math.floor(now.getTime() / day) * day + days * day

const perpetual = (tag: string, quantity: number): Lot => ({
  tag,
  quantity,
  licenseType: 'PERPETUAL',
  startDate: null,
  endDate: null,
  subscriptionId: null,
})

const until = (
  lot: Omit<Lot, 'startDate' | 'endDate' | 'subscriptionId'>,
  startDate: number,
  endDate: number,
  subscriptionId?: string,
): Lot => ({
  ...lot,
  startDate,
  endDate,
  subscriptionId: subscriptionId ?? null,
})

/** Something of each kind: for ever, for a term, by subscription, for a trial, and one that begins next month. */
const purchasesOfLaboratory = (now: Date): Lot[] => [
  perpetual(tags.advantage, 50),
  perpetual(tags.essentials, 20),
  until({ tag: tags.essentials, quantity: 10, licenseType: 'TERM' }, dayFrom(now, -30), dayFrom(now, 335)),
  until({ tag: tags.throughput, quantity: 100, licenseType: 'SUBSCRIPTION' }, dayFrom(now, -10), dayFrom(now, 1085), 'SUB-100001'),
  perpetual(tags.security, 5),
  until({ tag: tags.security, quantity: 5, licenseType: 'DEMO' }, dayFrom(now, 0), dayFrom(now, 60)),
  until({ tag: tags.advantage, quantity: 25, licenseType: 'TERM' }, dayFrom(now, 30), dayFrom(now, 395)),
]

const purchasesOfSecondSite = (now: Date): Lot[] => [
  perpetual(tags.advantage, 10),
  perpetual(tags.essentials, 10),
  until({ tag: tags.throughput, quantity: 20, licenseType: 'SUBSCRIPTION' }, dayFrom(now, -10), dayFrom(now, 355), 'SUB-100002'),
  perpetual(tags.security, 2),
]
