import { renameSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { laboratoryClock, systemClock } from '../../clock.ts'
import { makeFolder } from '../../folders.ts'
import { createApp } from './app.ts'
import type { Clock } from './clock.ts'
import { openCopies } from './copies.ts'
import { tags } from './exampleCatalog.ts'
import { type SignIn, seed } from './seed.ts'
import { ensureAuthorities, rootCertificate } from './store/authorities.ts'
import { type Database, openDatabase } from './store/database.ts'
import { openTls, type Tls } from './tls.ts'

/** How a cloud is opened. Without a clock it goes by the machine's, moved by `clockFile`. */
export type CloudOptions = {
  data: string
  port: number
  clock?: Clock
  clockFile?: string | undefined
  exchanges?: string | undefined
  pollSeconds?: number
}

/** What whoever works with a cloud needs to know. */
export type CloudReady = SignIn & { url: string; licensingRoot: string; cloudRoot: string; tags: typeof tags }

/** An open cloud. */
export type Cloud = { ready: CloudReady; database: Database; close(): Promise<void> }

/**
 * Opens the laboratory's cloud on its folder: what was there is there again, and a new one is furnished. Its two roots are written to files,
 * and `cloud.json`, which only its owner may read, says how to reach it and as whom.
 */
export async function openCloud({ data, port, clockFile, exchanges, pollSeconds = 1, ...given }: CloudOptions): Promise<Cloud> {
  makeFolder(data)
  const clock = given.clock ?? (clockFile ? laboratoryClock(clockFile) : systemClock)
  const database = openDatabase(join(data, 'cloud.sqlite'))
  try {
    await ensureAuthorities(database, clock.now())
    const signIn = await seed(database, clock.now())
    const tls = await openTls(database)
    const server = await listen(createApp({ database, clock, copies: openCopies(exchanges), pollSeconds }), tls, port)
    const files = { licensingRoot: join(data, 'licensing-root.pem'), cloudRoot: join(data, 'cloud-root.pem') }
    writeWhole(files.licensingRoot, rootCertificate(database.read), 0o644)
    writeWhole(files.cloudRoot, tls.root, 0o644)
    const url = `https://localhost:${(server.address() as AddressInfo).port}`
    const ready = { url, ...signIn, ...files, tags }
    writeWhole(join(data, 'cloud.json'), `${JSON.stringify(ready, null, 2)}\n`, 0o600)
    return { ready, database, close: () => close(server, database) }
  } catch (error) {
    database.close()
    throw error
  }
}

function listen(app: ReturnType<typeof createApp>, { key, cert }: Tls, port: number): Promise<Server> {
  const server = createServer({ key, cert, minVersion: 'TLSv1.2' }, app)
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, () => resolve(server))
  })
}

/** Answers what has come in, takes nothing more, and closes the file. */
async function close(server: Server, database: Database): Promise<void> {
  const closed = new Promise(resolve => server.close(resolve))
  server.closeIdleConnections()
  const patience = setTimeout(() => server.closeAllConnections(), 5000)
  await closed
  clearTimeout(patience)
  await database.write(() => {})
  database.close()
}

/** A reader never finds half a file. */
function writeWhole(file: string, content: string, mode: number): void {
  writeFileSync(`${file}.new`, content, { mode })
  renameSync(`${file}.new`, file)
}
