import { join, resolve } from 'node:path'
import { type Agent, createAgent } from '../agent/agent.ts'
import type { Clock } from '../agent/clock.ts'
import { storeInFolder } from '../agent/folder.ts'
import type { Identity } from '../agent/identity.ts'
import type { State } from '../agent/state.ts'
import { type AgentStatus, statusOf } from '../agent/status.ts'
import type { Store } from '../agent/store.ts'
import { textOf, type Values } from './command.ts'
import { identityFrom } from './identity.ts'
import { clockOf, dataFolder, type Laboratory, readLaboratory } from './laboratory.ts'
import { serverFrom, settingsFrom } from './server.ts'

/** The product that a command line is about. */
export type Product = {
  folder: string
  store: Store
  identity: Identity
  clock: Clock
  settings: State['settings']
  laboratory: Laboratory | undefined
}

/** Finds the product's folder and who it is. Nothing is asked of a server, and none need run. */
export async function openProduct(values: Values): Promise<Product> {
  const data = dataFolder(textOf(values, 'data'))
  const laboratory = readLaboratory(data)
  const folder = resolve(textOf(values, 'state') ?? join(data, 'products/default'))
  const store = storeInFolder(folder)
  const state = await store.read()
  const settings = { ...state.settings, ...settingsFrom(values) }
  return { folder, store, identity: identityFrom(values, state, folder), clock: clockOf(laboratory), settings, laboratory }
}

/** The product's agent, ready to talk to its server. Throws UsageError where nothing says which server, or whom to trust. */
export function connect({ store, identity, clock, settings, laboratory }: Product): Agent {
  return createAgent({ ...serverFrom(settings, laboratory), state: remembering(store, settings), identity, clock })
}

/** A store whose product remembers these settings from its next change on. */
const remembering = (store: Store, settings: State['settings']): Store => ({
  ...store,
  read: async () => ({ ...(await store.read()), settings }),
})

/** What the product says of itself, without a server. */
export async function statusWithout({ store, identity, clock, settings, laboratory }: Product): Promise<AgentStatus> {
  const url = settings.url ?? laboratory?.server.deviceHttps ?? 'not configured'
  return statusOf(await store.read(), { identity, transport: settings.transport ?? 'smart', url }, clock.now())
}
