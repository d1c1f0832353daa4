import { createRegistrationToken } from '../../src/licensing/createRegistrationToken.ts'
import { insertAccessRequest } from '../../src/storage/accessRequests.ts'
import { insertBatch } from '../../src/storage/instanceBatches.ts'
import { licensingRoutes } from '../../src/web/licensing/routes.ts'
import { paths } from '../../src/web/paths.ts'
import { administrator } from './account.ts'
import type { Rail } from './rail.ts'

/** A page of the Licensing workspace as somebody opens it. `name` is what its picture is called. */
export type LicensingPage = { name: string; path: string }

/** What a page needs in its address to show something, beside what its route says. */
const asked = async (rail: Rail): Promise<Record<string, string>> => {
  const { places, localAccountId } = rail.fleet
  const held = await rail.context.storage
    .db('authorizations')
    .where({ local_account_id: localAccountId, local_virtual_account_id: places.Default })
    .orderBy('purchased', 'desc')
    .first('tag_id')
  const instances = await rail.context.storage.db('product_instances').where({ local_account_id: localAccountId }).limit(3).select('id')
  const ids = instances.map(({ id }) => `id=${id}`).join('&')
  const transfer = `from=${places.Default}&to=${places.Campus}&q${held.tag_id}=1`
  return {
    '/product-instances/transfer': ids,
    '/product-instances/removal': ids,
    '/product-instance-batches/transfer': `to=${places.Campus}`,
    '/transfer': `from=${places.Default}&to=${places.Campus}`,
    '/transfer/review': transfer,
  }
}

/** What stands for the parameters of the routes: something of each noun that is there. A token is made, for it to have a text. */
async function nouns(rail: Rail): Promise<Record<string, string | undefined>> {
  const { db } = rail.context.storage
  const mine = { local_account_id: rail.fleet.localAccountId }
  const first = async (table: string) => (await db(table).where(mine).first('id'))?.id?.toString()
  const wish = { description: 'Station refit', days: 30, maximumUses: null, exportControlled: false }
  const place = { localAccountId: rail.fleet.localAccountId, localVirtualAccountId: rail.fleet.places.Default }
  await askAndRemove(rail)
  const { token } = await createRegistrationToken(rail.context, administrator, { ...place, ...wish })
  return {
    localAccount: rail.fleet.uuid,
    tag: String(rail.fleet.tags['Wireless Access Point']),
    instance: await first('product_instances'),
    token: token.id,
    virtualAccount: String(rail.fleet.places.Campus),
    alert: (await db('alerts').where(mine).whereNull('cleared_at').first('id'))?.id?.toString(),
    schedule: await first('report_schedules'),
    report: 'compliance',
    batch: await first('instance_batches'),
    request: (await db('access_requests').where(mine).whereNull('decision').first('id'))?.id?.toString(),
  }
}

/** Somebody asks for access, and somebody removes many product instances: both are under way. */
async function askAndRemove(rail: Rail): Promise<void> {
  const { db } = rail.context.storage
  const { localAccountId } = rail.fleet
  const requestedAt = rail.clock.now()
  const { id: userId } = await db('users').orderBy('id').first('id')
  const role = 'virtual-account-user'
  const message = 'For the night shift at the depots'
  await insertAccessRequest(db, { localAccountId, userId, role, localVirtualAccount: 'Branches', message, requestedAt })
  const chosen = { filter: { states: [], text: '', silent: false }, place: undefined }
  const batch = { localAccountId, deed: 'removal', toPlace: null, userId, chosen, askedAt: requestedAt, total: 400 } as const
  if (!(await db('instance_batches').first())) await insertBatch(db, batch)
}

/**
 * Every page of the Licensing workspace, told from its part of the site map, so that none is forgotten; files are no pages. Pages of
 * a noun that there is nothing of are left out.
 */
export async function licensingPages(rail: Rail): Promise<LicensingPage[]> {
  const [parameters, queries] = [await nouns(rail), await asked(rail)]
  const inAccount = licensingRoutes
    .filter(({ method, path }) => method === 'get' && !/\.(csv|json)$/.test(path))
    .filter(({ path }) => [...path.matchAll(/:(\w+)/g)].every(([, noun]) => parameters[noun!]))
    .map(({ path }) => {
      const short = path.replace('/accounts/:localAccount', '')
      const query = queries[short] ? `?${queries[short]}` : ''
      return { name: nameOf(short), path: path.replaceAll(/:(\w+)/g, (_, noun: string) => parameters[noun]!) + query }
    })
  const around = [paths.accountRequests, paths.newAccountRequest, paths.newAccessRequest, paths.preferences, paths.password].map(path => ({
    name: nameOf(path),
    path,
  }))
  return [...inAccount, ...around]
}

const nameOf = (path: string) => path.replaceAll(/[/:]+/g, '-').replace(/^-/, '') || 'overview'
