import pg from 'pg'

/** What stands in a database before something is restored over it; `serverUuid` is undefined where no server has ever started. */
export type Standing = { postgres: number; serverUuid: string | undefined; accounts: number; productInstances: number }

/** Looks at the database of `connection`, whatever its schema, and lets go of it. */
export async function findStanding(connection: string): Promise<Standing> {
  const client = new pg.Client({ connectionString: connection, application_name: 'quartermaster backup' })
  await client.connect()
  const first = async (sql: string) => (await client.query(sql)).rows[0]
  try {
    const { postgres, used } = await first(
      `select current_setting('server_version_num')::int / 10000 as postgres, to_regclass('public.server_identity') is not null as used`,
    )
    const identity = used ? await first('select server_uuid from server_identity') : undefined
    if (!identity) return { postgres, serverUuid: undefined, accounts: 0, productInstances: 0 }
    const counted = await first(
      'select (select count(*)::int from local_accounts) as accounts, (select count(*)::int from product_instances) as instances',
    )
    return { postgres, serverUuid: identity.server_uuid, accounts: counted.accounts, productInstances: counted.instances }
  } finally {
    await client.end()
  }
}
