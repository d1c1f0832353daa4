import assert from 'node:assert/strict'
import { createLocalVirtualAccount } from '../../src/licensing/createLocalVirtualAccount.ts'
import { openStorage, type Storage } from '../../src/storage/db.ts'
import { migrate } from '../../src/storage/migrate.ts'
import { openWebDoor } from '../../src/web/door.ts'
import { administrator, newToken, type RegisteredAccount, registeredAccount } from '../support/account.ts'
import { type ServedApi, serveApi } from '../support/apiSite.ts'
import { testTrust } from '../support/authorityRows.ts'
import { testClock } from '../support/clock.ts'
import { type TestContext, testContext } from '../support/context.ts'
import { openOn } from '../support/deviceDoor.ts'
import { httpVisitor } from '../support/httpVisitor.ts'
import { insertLots, type TestLots } from '../support/lots.ts'
import { castPassword, hire } from '../support/people.ts'
import { TestProduct } from '../support/product.ts'
import { openReplication, type Replication } from '../support/replication.ts'
import { until } from '../support/until.ts'

const waiting = `select pid from pg_stat_activity where wait_event = 'SyncRep'`

/** Products and scripts at the doors of a server whose standby hangs, and then is promoted: what any of them was told is still so. */
describe('the doors of an active node whose standby hangs', () => {
  let pair: Replication
  let storage: Storage
  let context: TestContext
  let home: RegisteredAccount
  let lots: TestLots<'ADVANTAGE'>
  let token: string
  let api: ServedApi
  let bearer: string
  let closeDoor: () => Promise<void>
  const clock = testClock(new Date(Math.floor(Date.now() / 1000) * 1000))
  let product: () => TestProduct

  before(async () => {
    pair = await openReplication()
    storage = openStorage(pair.primary.connection, { connections: 6, commitPatience: 1000 })
    await migrate(storage.db)
    await serveOn(storage)
    home = await registeredAccount(context)
    lots = await insertLots(context, home, { ADVANTAGE: 100 })
    token = (await newToken(context, home)).secret
    bearer = await api.token()
  })
  after(async () => {
    await closeDoor?.()
    await storage?.close()
    await pair?.close()
  })

  /** Opens the doors on a database: this one, or the one that was promoted. The keys are the same, as on two nodes. */
  async function serveOn(on: Storage) {
    const { secrets } = context ?? {}
    context = { ...testContext(on, clock), ...(secrets && { secrets, authority: context.authority }) }
    const { door, tlsRoot } = await openOn(context)
    const { root } = await testTrust()
    const around = { httpPort: door.httpPort!, httpsPort: door.httpsPort!, tlsRoot, licensingRoot: root.pem, now: clock.now }
    product = () => new TestProduct(around)
    api = await serveApi(context)
    closeDoor = async () => void (await Promise.all([door.close(), api.close()]))
  }

  const sentWhileHung = async <T>(send: () => Promise<T>, meddle?: () => Promise<unknown>): Promise<T> => {
    pair.standby.freeze()
    try {
      const answer = send()
      await until(async () => (await pair.primary.ask(waiting)).length > 0)
      await meddle?.()
      return await answer
    } finally {
      pair.standby.thaw()
      await until(async () => (await pair.primary.ask(waiting)).length === 0)
    }
  }
  const cancel = () => pair.primary.ask(`select pg_cancel_backend(pid) from (${waiting}) w`)

  it('gives no certificate before the standby has it, and the same bytes get it afterwards', async () => {
    const applicant = product()
    const text = applicant.compose('REGISTRATION', applicant.applies(token))
    const { status, headers, body } = await sentWhileHung(() => applicant.post(text))
    assert.deepEqual([status, headers['retry-after'], body], [503, '60', '{"server":["This server cannot answer now."]}'])
    const [answered, again] = [await applicant.send(text), await applicant.send(text)]
    assert.deepEqual([answered.status, again.body], ['OK', answered.body])
  })

  it('gives none when somebody cancels the wait, which PostgreSQL calls a success', async () => {
    const applicant = product()
    const text = applicant.compose('REGISTRATION', applicant.applies(token))
    assert.equal((await sentWhileHung(() => applicant.post(text), cancel)).status, 503)
  })

  it('asks a report to come again, and counts it once under either nonce', async () => {
    const reporter = await product().settle(token)
    const report = reporter.usage([[lots.tags.ADVANTAGE, 3]])
    const text = reporter.compose('AUTHORIZATION', report)
    const reply = await sentWhileHung(() => reporter.send(text))
    assert.equal(reply.status, 'OK_TRY_AGAIN')
    assert.ok((reply.response as { retry_after: number }).retry_after > 0)
    assert.equal((await reporter.say('AUTHORIZATION', report)).status, 'OK')
    assert.deepEqual(await storage.db('authorizations').where({ tag_id: lots.ids.ADVANTAGE }).pluck('in_use'), [3])
  })

  it('tells scripts to come again, and that nobody knows what became of their change', async () => {
    const path = `/api/v1/accounts/${home.account.name}/virtual-accounts`
    const body = { commerceAccessLevel: 'Public', name: 'Branch' }
    const answer = await sentWhileHung(() => api.send('POST', path, { token: bearer, json: body }))
    assert.deepEqual([answer.status, answer.headers['retry-after']], [503, '15'], answer.body)
    assert.match(answer.json.statusMessage, /not known yet whether this was done/)
  })

  it('tells a person the same on a page, without scripts or with, and that nothing is done yet', async () => {
    await hire(context, 'Ada', { localAccountId: home.account.id, localVirtualAccountId: home.place.id })
    const web = await openWebDoor({ ...context, config: { ...context.config, hostNames: ['localhost'] } }, { port: 0, host: '127.0.0.1' })
    try {
      const ada = httpVisitor(web.port)
      await ada.signIn('ada', castPassword)
      for (const headers of [{}, { 'HX-Request-Type': 'partial' }] as Record<string, string>[]) {
        const form = { _token: await ada.token('/admin/settings'), required: 'no' }
        const answer = await sentWhileHung(() => ada.send('POST', '/admin/settings/registration-tls', { form, headers }))
        assert.equal(answer.status, 503)
        assert.match(answer.text, /The change waits to be kept safe/)
      }
    } finally {
      await web.close()
    }
  })

  it('lets whoever comes into a standstill go before anything is done for them', async () => {
    const comer = await product().settle(token)
    const late = { ...context, storage: { ...storage, commitsWait: () => 6000 } }
    const { door, tlsRoot } = await openOn(late as TestContext)
    const applicant = new TestProduct({ ...comer.around, httpPort: door.httpPort!, httpsPort: door.httpsPort!, tlsRoot })
    assert.equal((await applicant.say('REGISTRATION', applicant.applies(token))).status, 'OK_TRY_AGAIN')
    await door.close()
    assert.equal((await product().settle(token)).serial !== null, true)
  })

  it('loses nothing that was told as done when the active dies and the standby is promoted', async () => {
    const told: TestProduct[] = []
    for (let count = 0; count < 5; count++) told.push(await product().settle(token))
    const kept = await createLocalVirtualAccount(context, administrator, {
      localAccountId: home.account.id,
      name: 'Kept',
      description: '',
      isPublic: true,
    })
    const hanging = product()
    const text = hanging.compose('REGISTRATION', hanging.applies(token))
    pair.standby.freeze()
    const cut = hanging.post(text)
    await until(async () => (await pair.primary.ask(waiting)).length > 0)
    await pair.primary.stop('SIGQUIT')
    assert.equal((await cut).status, 503)
    await closeDoor()
    await storage.close()
    pair.standby.thaw()
    await pair.standby.ask('select pg_promote()')
    storage = openStorage(pair.standby.connection, { connections: 6 })
    await serveOn(storage)
    for (const each of told) {
      Object.assign(each.around, product().around)
      assert.equal((await each.say('HELLO')).status, 'OK')
    }
    assert.equal((await storage.db('local_virtual_accounts').where({ id: kept.id })).length, 1)
    // What nobody was told of is done once all the same, by the bytes that come again.
    Object.assign(hanging.around, product().around)
    assert.equal((await hanging.send(text)).status, 'OK')
    assert.equal((await hanging.send(text)).status, 'OK')
  })
})
