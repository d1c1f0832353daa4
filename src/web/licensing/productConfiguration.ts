import { isIPv6 } from 'node:net'
import { tryProductDoor } from '../../administration/network/tryProductDoor.ts'
import { showRegistrationToken } from '../../licensing/showRegistrationToken.ts'
import { isUuid } from '../../rules/identifiers.ts'
import {
  checkProductNetwork,
  configurationOf,
  type ProductNetwork,
  type ProductServer,
  type ProductSystem,
  productSystems,
  type Transport,
  transportOf,
} from '../../rules/productConfiguration.ts'
import { Refusal } from '../../rules/refusal.ts'
import { tokenStanding } from '../../rules/tokens.ts'
import { findRegistrationTokenRow, listRegistrationTokenRows, registrationTokenSort } from '../../storage/pages/registrationTokenRows.ts'
import { findTlsCertificate } from '../../storage/tlsCertificates.ts'
import { show } from '../render.ts'
import { type AccountVisit, queried } from '../visit.ts'
import { oneOf, readSlice, scopeOf } from './list.ts'
import { productAddressesAt, productHost } from './productAddresses.ts'

const view = (name: string) => ({
  page: `licensing/productConfiguration/${name}.njk`,
  fragment: `licensing/productConfiguration/_${name}.njk`,
})
const systems = productSystems.map(({ id }) => id)
/** So many tokens are offered; whoever has more opens this page from the token itself. */
const tokensOffered = 50

/** What the address says of the product's network, whether or not it fits. */
function readNetwork(visit: AccountVisit): ProductNetwork {
  const text = (name: string) => (queried(visit, name) ?? '').trim().slice(0, 253)
  const system: ProductSystem = oneOf(visit, 'system', systems) ?? 'ios-xe'
  return {
    system,
    transport: transportOf(system, oneOf<Transport>(visit, 'transport', ['smart', 'call-home'])),
    host: text('host') || productHost(visit),
    vrf: text('vrf'),
    interface: text('interface'),
    nameServer: text('nameServer'),
    address: text('address'),
    trustpoint: text('trustpoint') || 'QUARTERMASTER',
  }
}

/** The two addresses under the name that the product uses, and the root that leads to our certificate. */
async function serverFor(visit: AccountVisit, { host }: ProductNetwork, secure: boolean): Promise<ProductServer> {
  const [smart, callHome, plain] = productAddressesAt(visit, isIPv6(host) ? `[${host}]` : host)
  const certificate = await findTlsCertificate(visit.context.storage.pages, 'device')
  return { smartUrl: smart!.url, callHomeUrl: secure ? callHome!.url : plain!.url, secure, root: certificate?.root }
}

/** The tokens that a product could be given now, the newest first, and the one that is asked for with its text. */
async function tokensOf(visit: AccountVisit) {
  const scope = scopeOf(visit)
  const slice = readSlice(visit, registrationTokenSort, tokensOffered)
  const { page } = await listRegistrationTokenRows(visit.context.storage.pages, scope, scope, { standing: 'usable' }, slice, visit.now)
  const id = queried(visit, 'token') ?? ''
  const found =
    page.rows.find(row => row.id === id) ??
    (isUuid(id) ? await findRegistrationTokenRow(visit.context.storage.pages, scope, id) : undefined)
  const chosen = found && tokenStanding(found, visit.now) === 'usable' ? found : undefined
  const secret = chosen && (await showRegistrationToken(visit.context, visit.person, { localAccountId: visit.account.id, id }))
  const tokens = chosen && !page.rows.includes(chosen) ? [chosen, ...page.rows] : page.rows
  return { tokens, token: chosen?.id ?? '', secret }
}

/** "Configuration for your product": the lines for its operating system, as far as they can be told from the address. */
export async function productConfigurationPage(visit: AccountVisit): Promise<void> {
  const network = readNetwork(visit)
  const secure = network.transport === 'smart' || queried(visit, 'plain') !== 'on'
  const { tokens, token, secret } = await tokensOf(visit)
  const system = productSystems.find(({ id }) => id === network.system)!
  const model = { network, system, systems: productSystems, secure, tokens, token }
  try {
    const parts = configurationOf(checkProductNetwork(network), await serverFor(visit, network, secure), secret ?? 'TOKEN')
    show(visit, view('index'), { ...model, parts })
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const complaint = { field: error.field, sentence: error.message }
    show(visit, view('index'), { ...model, parts: [], complaints: [complaint], errors: { [error.field!]: error.message } })
  }
}

/** The pre-flight check: what this server sees of the way that the product will take. */
export async function preflightPage(visit: AccountVisit): Promise<void> {
  const network = checkProductNetwork({ ...readNetwork(visit), vrf: '', interface: '', nameServer: '', address: '', trustpoint: 'any' })
  const tried = await tryProductDoor(visit.context, visit.account, network.host)
  show(visit, view('preflight'), { host: network.host, tried, failed: tried.some(({ outcome }) => outcome === 'failed') })
}
