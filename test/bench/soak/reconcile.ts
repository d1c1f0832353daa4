import { isDeepStrictEqual } from 'node:util'
import pg from 'pg'
import type { Use } from '../../../src/lab/product/agent/state.ts'
import type { Books } from './ledger.ts'
import type { Scene } from './scene.ts'

/** Compares the driver's books with the database; gives a sentence for each difference. */
export async function reconcile(
  { connection, localAccountId, tokenId }: Pick<Scene, 'connection' | 'localAccountId' | 'tokenId'>,
  ledger: Books,
): Promise<string[]> {
  const client = new pg.Client({ connectionString: connection })
  await client.connect()
  const ask = async (sql: string) => (await client.query(sql, [localAccountId])).rows
  try {
    const instances = await ask(
      'select id, state, udi_serial_number as "serialNumber" from product_instances where local_account_id = $1 order by id',
    )
    const used = await ask(
      `select product_instance_id as id, json_agg(json_build_object('tag', t.tag, 'count', quantity)) as usage
       from usage u join entitlement_tags t on t.id = u.tag_id where local_account_id = $1 group by 1`,
    )
    const [{ uses }] = (await client.query('select uses from registration_tokens where id = $1', [tokenId])).rows
    const issued = await ask('select product_instance_id as id, serial::text from certificates where local_account_id = $1')
    const happened = await ask('select kind, count(*)::int as times from events where local_account_id = $1 group by 1')
    return [
      ...registrations(ledger, instances),
      ...usages(ledger, new Map(used.map(({ id, usage }) => [id, usage]))),
      ...certificates(ledger, new Set(issued.map(({ id, serial }) => `${id} ${serial}`))),
      ...(uses === ledger.registrations
        ? []
        : [`The token was used ${uses} times, and ${ledger.registrations} registrations were acknowledged.`]),
      ...events(ledger, new Map(happened.map(({ kind, times }) => [kind, times]))),
      ...(await ask(countersAgainstRows)).map(row => `A counter is not its sum: ${JSON.stringify(row)}.`),
      ...(await ask(instancesAgainstRows)).map(row => `A count of instances is not its sum: ${JSON.stringify(row)}.`),
    ]
  } finally {
    await client.end()
  }
}

/** Each acknowledged registration is there, once, and nothing else is. */
function registrations({ entries }: Books, rows: { id: string; serialNumber: string }[]): string[] {
  const there = new Map<string, string[]>()
  for (const { id, serialNumber } of rows) there.set(serialNumber, [...(there.get(serialNumber) ?? []), id])
  const strangers = [...there.keys()].filter(serialNumber => !entries.has(serialNumber))
  const wrong = [...entries.values()].flatMap(({ serialNumber, instanceId }) => {
    const ids = there.get(serialNumber) ?? []
    const expected = instanceId === null ? [] : [instanceId]
    return isDeepStrictEqual(ids, expected)
      ? []
      : [`${serialNumber} should be ${expected.join() || 'gone'} and is ${ids.join(', ') || 'gone'}.`]
  })
  return [...wrong, ...strangers.map(serialNumber => `${serialNumber} is there, and no registration of it was acknowledged.`)]
}

/** The certificate that a product holds is one that the server knows as its own. */
const certificates = ({ entries }: Books, issued: Set<string>): string[] =>
  [...entries.values()]
    .filter(({ instanceId, certificate }) => instanceId !== null && certificate !== null && !issued.has(`${instanceId} ${certificate}`))
    .map(({ serialNumber, certificate }) => `${serialNumber} holds the certificate ${certificate}, of which the server knows nothing.`)

/** What an instance uses is what its last acknowledged report said, or one that was sent after it and not answered. */
function usages({ entries }: Books, used: Map<string, Use[]>): string[] {
  const expectedIds = new Set<string>()
  const wrong = [...entries.values()].flatMap(({ serialNumber, instanceId, acknowledged, doubtful }) => {
    if (instanceId === null) return []
    expectedIds.add(instanceId)
    const there = keyOf(used.get(instanceId) ?? [])
    const possible = [acknowledged ?? [], ...doubtful].map(keyOf)
    return possible.includes(there) ? [] : [`${serialNumber} uses ${there}, and its reports said ${possible.join(' or ')}.`]
  })
  const strangers = [...used.keys()].filter(id => !expectedIds.has(id))
  return [...wrong, ...strangers.map(id => `The instance ${id} uses something and is nobody's.`)]
}

const keyOf = (usage: Use[]): string => JSON.stringify(usage.map(({ tag, count }) => [tag, Number(count)]).sort())

/**
 * What happened is told once for each time that it was acknowledged. Of renewals more may stand there: where the connection to the database
 * breaks in the commit, the product is told of an error and renews anew, and "the later certificate is the only new one".
 */
function events({ registrations, renewals, deregistrations }: Books, happened: Map<string, number>): string[] {
  const times = (kind: string) => happened.get(kind) ?? 0
  const isRight: [kind: string, acknowledged: number, isRight: boolean][] = [
    ['product instance registered', registrations, times('product instance registered') === registrations],
    ['product instance renewed', renewals, times('product instance renewed') >= renewals],
    ['product instance removed', deregistrations, times('product instance removed') === deregistrations],
  ]
  return isRight
    .filter(([, , right]) => !right)
    .map(([kind, acknowledged]) => `'${kind}' stands ${times(kind)} times among the events, and was acknowledged ${acknowledged} times.`)
}

export const countersAgainstRows = `
  select * from (select local_virtual_account_id, tag_id, in_use, instances from authorizations where local_account_id = $1) a
  full join (
    select i.local_virtual_account_id, u.tag_id, sum(u.quantity) as in_use, count(*) as instances,
           count(*) filter (where u.local_virtual_account_id is distinct from i.local_virtual_account_id) as misplaced
    from usage u join product_instances i on i.local_account_id = u.local_account_id and i.id = u.product_instance_id
    where u.local_account_id = $1 group by 1, 2) s using (local_virtual_account_id, tag_id)
  where coalesce(a.in_use, 0) <> coalesce(s.in_use, 0) or coalesce(a.instances, 0) <> coalesce(s.instances, 0)
    or coalesce(s.misplaced, 0) <> 0`

const instancesAgainstRows = `
  select * from (
    select state, sum(instances) as counted from product_instance_counts where local_account_id = $1 group by 1) c
  full join (select state, count(*) as there from product_instances where local_account_id = $1 group by 1) i using (state)
  where coalesce(counted, 0) <> coalesce(there, 0)`
