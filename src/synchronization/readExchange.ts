import type { Context } from '../context.ts'
import type { Synchronization } from '../rules/exchanges.ts'
import { getExchangeFile } from '../storage/synchronizations.ts'
import { openContainer, readPayload } from '../wire/container.ts'
import { type Payload, parsePayload } from '../wire/exchange/payloads.ts'
import type { ProductRecord } from '../wire/exchange/products.ts'
import type { UsageTotal } from '../wire/exchange/syncRequest.ts'

/** A file that is larger is not opened for a page: it can be downloaded. */
const largestShown = 4 * 1024 * 1024
const productsShown = 50

/** What was in an exchange, for a page. Null for a file that is not there or too large to be opened for it. */
export type ExchangeContents = {
  request: {
    bytes: number
    notAfter: Date
    usage: UsageTotal[]
    products: { change: 'added' | 'changed' | 'removed' | 'all'; count: number; names: string[] }[]
    reason: string | null
  } | null
  requestBytes: number
  response: {
    notAfter: Date
    lots: { op: 'put' | 'gone'; name: string; quantity: number | null }[]
    status: string
    commands: number
  } | null
  responseBytes: number | null
}

/** Opens the two files of an exchange, which this server has written or believed before. */
export async function readExchange(context: Context, exchange: Synchronization): Promise<ExchangeContents> {
  const [request, response] = await Promise.all([
    getExchangeFile(context.storage.pages, exchange, 'request'),
    getExchangeFile(context.storage.pages, exchange, 'response'),
  ])
  return {
    requestBytes: Buffer.byteLength(request ?? ''),
    responseBytes: response === null ? null : Buffer.byteLength(response),
    request: await contentsOf(request, payload => readRequest(payload, Buffer.byteLength(request!))),
    response: await contentsOf(response, readResponse),
  }
}

type AnyPayload = Payload<'registration-request' | 'registration-response' | 'sync-request' | 'sync-response'>

async function contentsOf<T>(file: string | null, read: (payload: AnyPayload) => T | null): Promise<T | null> {
  if (file === null || file.length > largestShown) return null
  try {
    const container = openContainer(Buffer.from(file))
    return read(parsePayload(container.header.typ, await readPayload(container)) as AnyPayload)
  } catch {
    // What an earlier release has written may not be readable any more; it can still be downloaded.
    return null
  }
}

function readRequest(payload: AnyPayload, bytes: number): ExchangeContents['request'] {
  if (payload.type === 'registration-request')
    return { bytes, notAfter: new Date(payload.not_after), usage: [], products: [], reason: null }
  if (payload.type !== 'sync-request') return null
  const { products } = payload
  const parts = 'all' in products ? { all: products.all } : { added: products.added, changed: products.changed, removed: products.removed }
  return {
    bytes,
    notAfter: new Date(payload.not_after),
    usage: payload.usage,
    reason: payload.reason,
    products: Object.entries(parts).map(([change, list]) => ({
      change: change as 'all',
      count: list.length,
      names: list.slice(0, productsShown).map(nameOf),
    })),
  }
}

const nameOf = (product: ProductRecord | string): string =>
  typeof product === 'string' ? product : (product.hostname ?? product.udi_serial_number ?? product.product_instance_identifier)

function readResponse(payload: AnyPayload): ExchangeContents['response'] {
  if (payload.type !== 'registration-response' && payload.type !== 'sync-response') return null
  const news = payload.entitlements
  const changes = news === null ? [] : 'all' in news ? news.all.map(lot => ({ op: 'upsert' as const, ...lot })) : news.changes
  return {
    notAfter: new Date(payload.not_after),
    status: payload.type === 'sync-response' ? payload.status : 'OK',
    commands: payload.type === 'sync-response' ? payload.commands.length : 0,
    lots: changes.map(each =>
      each.op === 'delete'
        ? { op: 'gone', name: each.license_id, quantity: null }
        : { op: 'put', name: each.display_name || each.tag, quantity: each.quantity },
    ),
  }
}
