import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { isOutcomeUnknown } from '../../src/storage/commits.ts'
import { openStorage, type Storage } from '../../src/storage/db.ts'
import { isOutage } from '../../src/storage/outage.ts'
import { openReplication, type Replication } from '../support/replication.ts'
import { until } from '../support/until.ts'

const waiting = `select pid from pg_stat_activity where wait_event = 'SyncRep' order by pid`
const patience = 400

/** The table of holes in synchronous commit (high-availability.md 2), each tried: what was told as done is on the standby. */
describe('a commit whose standby does not answer', () => {
  let pair: Replication
  let storage: Storage
  const open = () => openStorage(pair.primary.connection, { connections: 3, commitPatience: patience })
  const insert = (words: string) => storage.transaction(async tx => void (await tx('notes').insert({ words })))
  const onStandby = async () =>
    (await openQuestion(pair.standby.connection, `select words from notes order by words`)).map(({ words }) => words)

  before(async () => {
    pair = await openReplication()
    storage = open()
    await storage.db.raw('create table notes (words text primary key)')
  })
  afterEach(async () => {
    pair.standby.thaw()
    await until(async () => (await pair.primary.ask(waiting)).length === 0)
    await storage.db.raw('truncate notes')
  })
  after(async () => {
    await storage?.close()
    await pair?.close()
  })

  /** Commits with the standby hung, does something to the commit that waits, and gives what the one who committed was told. */
  async function told(meddle: () => Promise<unknown> = async () => {}, work: () => Promise<void> = () => insert('written')) {
    pair.standby.freeze()
    const outcome = work().then(
      () => 'done',
      error => error,
    )
    await until(async () => (await pair.primary.ask(waiting)).length === 1)
    await meddle()
    return outcome
  }

  it('is of unknown outcome after a while, is left alone, and comes about when the standby does', async () => {
    const error = await told()
    assert.ok(isOutcomeUnknown(error) && isOutage(error), String(error))
    assert.match((error as Error).message, /not known whether this was committed: the database has not confirmed it within 0\.4 s/)
    assert.equal((await pair.primary.ask(waiting)).length, 1, 'it waits on')
    assert.ok(storage.commitsWait() >= patience)
    pair.standby.thaw()
    await until(async () => (await onStandby()).length === 1)
    await until(() => storage.commitsWait() === 0)
  })

  it('is the same for one statement without a transaction', async () => {
    const error = await told(undefined, async () => void (await storage.db('notes').insert({ words: 'alone' })))
    assert.ok(isOutcomeUnknown(error), String(error))
  })

  it('is not told as done when the wait is cancelled, which PostgreSQL calls a success', async () => {
    const error = await told(() => pair.primary.ask(`select pg_cancel_backend(pid) from (${waiting}) w`))
    assert.ok(isOutcomeUnknown(error), String(error))
    assert.match((error as Error).message, /the wait for the standby was ended, and this node alone has it/)
    // It is on the primary, where everybody sees it: this is why nobody may be told.
    assert.equal((await storage.pages('notes')).length, 1)
  })

  it('is not told as done when its connection is ended', async () => {
    const error = await told(() => pair.primary.ask(`select pg_terminate_backend(pid) from (${waiting}) w`))
    assert.ok(isOutage(error), String(error))
  })

  for (const setting of ["synchronous_commit = 'local'", "statement_timeout = '200ms'"]) {
    it(`waits all the same where the role has ${setting}`, async () => {
      await pair.primary.ask(`alter role quartermaster set ${setting}`)
      const usual = storage
      storage = open()
      try {
        assert.ok(isOutcomeUnknown(await told()))
      } finally {
        pair.standby.thaw()
        await storage.close()
        storage = usual
        await pair.primary.ask('alter role quartermaster reset all')
      }
    })
  }

  it('takes no more connections than the pool has, however many wait, and lets pages read', async () => {
    pair.standby.freeze()
    const outcomes = await Promise.all(['a', 'b', 'c'].map(words => insert(words).catch(error => error)))
    assert.ok(outcomes.every(isOutcomeUnknown))
    assert.equal((await pair.primary.ask(waiting)).length, 3)
    assert.deepEqual(await storage.pages('notes'), [])
    pair.standby.thaw()
    // The connections are good again, without new ones.
    await insert('d')
    assert.deepEqual(await onStandby(), ['a', 'b', 'c', 'd'])
  })

  it('does not keep the server from ending', async () => {
    const usual = storage
    storage = open()
    assert.ok(isOutcomeUnknown(await told()))
    await storage.close()
    storage = usual
    assert.equal((await pair.primary.ask(waiting)).length, 1)
  })

  it('is never made weaker by our own code, nor cancelled by it', () => {
    const files = globSync('{src,appliance}/**/*.ts')
    const weak = files.filter(file =>
      /synchronous_commit\W+(off|local|remote_write)|pg_cancel_backend|cancel: *true/.test(readFileSync(file, 'utf8')),
    )
    assert.deepEqual(weak, [])
  })
})

async function openQuestion(connection: string, question: string): Promise<Record<string, unknown>[]> {
  const storage = openStorage(connection, { connections: 1 })
  try {
    return (await storage.pages.raw(question)).rows
  } finally {
    await storage.close()
  }
}
