import type { Route } from '../../src/web/route.ts'
import type { Place } from './place.ts'

/** What stands for the parameters of addresses: something that is there. */
export type Samples = Record<string, string | number | undefined>

/** Something of everything in the first account of the data set: what there is most of. */
export async function findSamples({ context, dataSet }: Place): Promise<Samples> {
  const { db } = context.storage
  const [account] = dataSet.accounts
  const one = async (sql: string): Promise<string | number | undefined> => (await db.raw(sql, [account!.id])).rows[0]?.value
  return {
    localAccount: account!.uuid,
    tag: await one('select tag_id as value from authorizations where local_account_id = ? order by instances desc limit 1'),
    instance: await one('select id as value from product_instances where local_account_id = ? order by id limit 1'),
    alert: await one('select id as value from alerts where local_account_id = ? and cleared_at is null order by id limit 1'),
    token: await one('select id as value from registration_tokens where local_account_id = ? order by uses desc limit 1'),
    exchange: await one('select id as value from synchronizations where local_account_id = ? order by id desc limit 1'),
    place: await one('select id as value from local_virtual_accounts where local_account_id = ? order by id limit 1'),
    hostname: await one('select name as value from product_instances where local_account_id = ? order by id desc limit 1'),
    username: 'ada',
  }
}

/** What lists are asked beside their first screen: part of a name, another order, one Local Virtual Account. */
const questions = (path: string, { place, hostname }: Samples): string[] =>
  /\/(product-instances|licenses|events)$/.test(path)
    ? ['', `?search=${encodeURIComponent(String(hostname).slice(-5))}`, '?search=zzzzz', '?order=desc', `?place=${place}`]
    : ['']

/** A place of the site map as the table names it, and an address that leads there. */
export type Address = { name: string; address: string }

/** The addresses of a page of the site map; none for a form's, for a file's, and where the data set has nothing that it could show. */
export function addressesOf({ method, path }: Route, samples: Samples): Address[] {
  if (method !== 'get' || /(\.(csv|json)|\/export)$/.test(path)) return []
  const parameters = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name!)
  if (parameters.some(name => samples[name] === undefined)) return []
  const address = path.replace(/:(\w+)/g, (_, name: string) => String(samples[name]))
  return questions(address, samples).map(question => ({ name: path + question, address: address + question }))
}
