import { cpSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import pg from 'pg'
import { settingsFor } from '../../bench/generate/ensureDataSet.ts'
import { furnish } from '../../bench/soak/scene.ts'
import type { Serving } from './nodes.ts'

/** A door of a few lines in the place of the server: it keeps numbers. Fast to start, so that what is measured is the pair's own. */
export const writeDoor: Serving<null> = {
  server: (_home, connection) => ({ args: [resolve(import.meta.dirname, 'writeDoor.ts')], environment: { DATABASE_URL: connection } }),
  async fill(_home, connection) {
    const client = new pg.Client({ connectionString: connection })
    await client.connect()
    await client.query('create table kept (number bigint primary key)')
    await client.end()
    return null
  },
}

const settingsIn = (home: string, connection: string) => ({
  ...(settingsFor(join(home, 'data')) as Record<string, string>),
  DATABASE_URL: connection,
  QUARTERMASTER_LOG_LEVEL: 'info',
  QUARTERMASTER_PAIR_STATUS: join(home, 'run/status.json'),
  QUARTERMASTER_DEVICE_PROCESSES: '1',
  QUARTERMASTER_DEVICE_HTTP_PORT: '80',
  QUARTERMASTER_DEVICE_HTTPS_PORT: '443',
  QUARTERMASTER_HTTPS_PORT: '8443',
})

/** The real server on both nodes, with an account and a token; what stands outside the database is the same on both, as provisioning carries it. */
export const realServer: Serving<Awaited<ReturnType<typeof furnish>>> = {
  server: (home, connection) => ({ args: [resolve('src/server.ts')], environment: settingsIn(home, connection) }),
  async fill(home, connection, other) {
    mkdirSync(join(home, 'data'), { recursive: true, mode: 0o700 })
    const made = await furnish(join(home, 'data'), settingsIn(home, connection))
    cpSync(join(home, 'data'), join(other, 'data'), { recursive: true })
    return made
  },
}
