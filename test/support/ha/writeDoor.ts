import { createServer } from 'node:http'
import pg from 'pg'
import pino from 'pino'
import { untilMayWrite } from '../../../src/server/untilMayWrite.ts'

/** A small server that keeps numbers in the database and says so when they are kept: what a pair serves where the whole server is not needed. */
await untilMayWrite({ databaseUrl: process.env.DATABASE_URL }, pino({ enabled: false }), new Promise(() => {}))
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 8 })
pool.on('error', () => {})
createServer(async (request, response) => {
  const number = Number((request.url ?? '').slice(1))
  try {
    await pool.query('insert into kept (number) values ($1) on conflict do nothing', [number])
    response.writeHead(200).end('kept')
  } catch {
    response.writeHead(503).end()
  }
}).listen(8080, '0.0.0.0')
