import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clusterOwner } from '../../src/storage/cluster/owner.ts'
import { type Cluster, startCluster } from '../../src/storage/cluster.ts'
import { openMigrated } from '../../src/storage/migrate.ts'
import { ask, isRoot, serverOn } from '../support/clusters.ts'

const pidOf = (data: string) => Number.parseInt(readFileSync(join(data, 'postgres/postmaster.pid'), 'utf8'), 10)

describe('the private cluster', function () {
  this.timeout(60_000)
  const home = mkdtempSync(join(tmpdir(), 'cluster-'))
  const data = join(home, 'data')
  const log = join(data, 'postgres.log')
  const start = (): Promise<Cluster> => startCluster(data, { fast: true })
  let cluster: Cluster
  before(async () => {
    cluster = await start()
    await ask(cluster, 'create table ledger as select 42 as entry')
  })
  beforeEach(async () => {
    cluster = await start()
  })
  afterEach(() => cluster.stop())
  after(() => rmSync(home, { recursive: true }))
  const entry = async () => (await ask(cluster, 'select entry from ledger')).entry

  it('takes every migration as the user quartermaster, who may not do everything', async () => {
    await (await openMigrated(cluster.connection)).close()
    assert.deepEqual(await ask(cluster, 'select current_user as name, rolsuper from pg_roles where rolname = current_user'), {
      name: 'quartermaster',
      rolsuper: false,
    })
  })

  it('listens on no network', async () => {
    assert.equal((await ask(cluster, `select setting from pg_settings where name = 'listen_addresses'`)).setting, '')
  })

  it('does not lose what is acknowledged, unless a test asks for speed', async () => {
    const safe = await startCluster(join(home, 'safe'))
    const { settings } = await ask(
      safe,
      `select json_object_agg(name, setting) as settings from pg_settings where name in ('fsync', 'full_page_writes', 'synchronous_commit')`,
    )
    await safe.stop()
    assert.deepEqual(settings, { fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on' })
  })

  it('is as it was after it was stopped', async () => {
    await cluster.stop()
    cluster = await start()
    assert.equal(await entry(), 42)
  })

  it('recovers when its own process is killed', async () => {
    process.kill(pidOf(data), 'SIGKILL')
    await cluster.stop()
    cluster = await start()
    assert.equal(await entry(), 42)
  })

  it('is taken over, running, from a server that was killed', async () => {
    await cluster.stop()
    const server = await serverOn(data)
    const pid = pidOf(data)
    server.kill('SIGKILL')
    await once(server, 'exit')
    cluster = await start()
    assert.equal(pidOf(data), pid)
    assert.equal(await entry(), 42)
  })

  it('runs on for a second server when the first one stops it', async () => {
    const second = await start()
    await cluster.stop()
    assert.equal((await ask(second, 'select entry from ledger')).entry, 42)
    await second.stop()
    assert.throws(() => pidOf(data), /ENOENT/)
  })

  it('is there for both of two servers that start at once', async () => {
    await cluster.stop()
    const both = await Promise.all([start(), start()])
    cluster = both[0]
    await both[1].stop()
    assert.equal(await entry(), 42)
  })

  it('starts though the number in its lock file is that of another program by now', async () => {
    await cluster.stop()
    const { uid, gid } = clusterOwner(join(data, 'postgres'))
    const other = spawn('sleep', ['60'], isRoot ? { uid, gid } : {})
    writeFileSync(join(data, 'postgres/postmaster.pid'), `${other.pid}\n/proc/self/fd/3\n1\n5432\n/proc/self/fd/3\n\n  1 1\nready\n`)
    writeFileSync(join(data, 'postgres/.s.PGSQL.5432.lock'), `${other.pid}\n/proc/self/fd/3\n1\n5432\n`)
    cluster = await start()
    other.kill()
    assert.equal(await entry(), 42)
  })

  it('says with the last words of its log why it does not start', async () => {
    await cluster.stop()
    const settings = join(data, 'postgres/postgresql.auto.conf')
    const good = readFileSync(settings)
    appendFileSync(settings, "max_connections = 'plenty'\n")
    await assert.rejects(start(), /did not start\. It said: .*invalid value for parameter "max_connections": "plenty"/)
    writeFileSync(settings, good)
    assert.match(readFileSync(log, 'utf8'), /plenty/)
  })
})
