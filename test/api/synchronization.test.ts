import assert from 'node:assert/strict'
import { createApiClient } from '../../src/administration/createApiClient.ts'
import { putFaults } from '../../src/lab/cloud/faults.ts'
import { day } from '../../src/rules/clock.ts'
import { findLocalAccountByName } from '../../src/storage/localAccounts.ts'
import { withholdByDefault } from '../../src/synchronization/withholdFromCloud.ts'
import { administrator } from '../support/account.ts'
import { noLimits, type ServedApi, serveApi } from '../support/apiSite.ts'
import { until } from '../support/until.ts'
import { type Branch, openBranch, openUpstream, seenByCloud, type Upstream } from '../support/upstream.ts'

describe('a script with the cloud behind the server', function () {
  this.timeout(60_000)
  let upstream: Upstream
  let branch: Branch
  let api: ServedApi
  let token: string
  before(async () => {
    upstream = await openUpstream()
    branch = await openBranch(upstream)
    api = await serveApi(branch.context)
  })
  // The clock moves by weeks, and a token lives for an hour.
  beforeEach(async () => {
    await upstream.database.write(db => putFaults(db, { slowSeconds: 0, refuse: 0 }))
    token = await api.token()
  })
  after(async () => {
    await api?.close()
    await branch?.close()
    await upstream?.close()
  })

  const register = (name: string, given: object = {}) => {
    const { clientId, clientSecret } = upstream.ready
    const json = { name, smartAccount: 'Example Corp', virtualAccount: name, clientId, clientSecret, ...given }
    return api.send('POST', '/api/v1/accounts', { token, json })
  }
  const getLocalAccountByName = async (name: string) => (await findLocalAccountByName(branch.context.storage.db, name))!
  const standing = (account: string) => api.send('GET', `/api/v1/accounts/${account}/synchronization`, { token })

  it('registers a Local Account, which is there from then on', async () => {
    const { status, json } = await register('Registered')
    assert.deepEqual([status, json.status, json.account.state], [201, 'SUCCESS', 'registered'])
    assert.equal(json.account.synchronization.standing, 'current')
    assert.ok(seenByCloud(upstream, json.account.id).registration)
    const listed = await api.send('GET', '/api/v1/accounts', { token })
    assert.deepEqual(
      listed.json.accounts.map((each: { id: string }) => each.id),
      [json.account.id],
    )
    const { rows } = await branch.context.storage.db.raw(
      "select who, local_account_id = 0 as server from events where kind = 'account registered' order by server",
    )
    assert.deepEqual(
      rows,
      [false, true].map(server => ({ who: 'a script', server })),
      'it stands in the log of the account and in the server’s',
    )
  })

  it('is told in the cloud’s words why an account cannot be registered', async () => {
    const unknown = await register('Stray', { smartAccount: 'No such company' })
    assert.deepEqual([unknown.status, unknown.json.code], [400, 'WRONG_ACCOUNT'])
    await register('Twice')
    const twice = await register('Another', { virtualAccount: 'Twice' })
    assert.deepEqual([twice.status, twice.json.code], [409, 'VIRTUAL_ACCOUNT_IN_USE'])
    const empty = await register('', { virtualAccount: 'Any' })
    assert.deepEqual([empty.status, empty.json.statusMessage], [400, 'name: Must not be empty.'])
  })

  it('needs a client of the server for that', async () => {
    const { json } = await register('Confined')
    const account = (await branch.context.storage.db('local_accounts').where({ uuid: json.account.id }).first()).id
    const own = await api.token({ localAccountId: account })
    const answer = await api.send('POST', '/api/v1/accounts', { token: own, json: { name: 'X', smartAccount: 'X', virtualAccount: 'X' } })
    assert.equal(answer.status, 403)
    assert.equal((await api.send('POST', '/api/v1/accounts/Confined/synchronization', { token: own })).status, 200)
    await assert.rejects(createApiClient(branch.context, administrator, { name: 'X', localAccountId: account, scopes: ['system'] }))
  })

  it('synchronizes an account, and finds the job and the new standing', async () => {
    await register('Kept')
    upstream.clock.advance(40 * day)
    token = await api.token()
    const late = await standing('Kept')
    assert.deepEqual([late.json.standing, late.json.sequence], ['overdue', 0])
    for (const type of ['standard', 'full']) {
      const { status, json } = await api.send('POST', '/api/v1/accounts/Kept/synchronization', { token, json: { type } })
      assert.deepEqual([status, json.job.type, json.job.state, json.job.code], [200, type, 'applied', null])
      const job = await api.send('GET', `/api/v1/accounts/Kept/synchronization/${json.job.id}`, { token })
      assert.deepEqual(job.json.job, json.job)
    }
    const now = upstream.clock.now()
    const { status: _, statusMessage: __, job, ...rest } = (await standing('Kept')).json
    assert.deepEqual(rest, {
      standing: 'current',
      lastSynchronizedAt: now.toISOString(),
      nextAt: rest.nextAt,
      progress: null,
      expiresAt: new Date(now.getTime() + 365 * day).toISOString(),
      sequence: 2,
    })
    assert.equal(job.type, 'full')
  })

  it('is given the job of an exchange that takes its time, and joins one that is under way', async () => {
    await register('Slow')
    const hurried = await serveApi(branch.context, { limits: noLimits, patience: 50 })
    await upstream.database.write(db => putFaults(db, { slowSeconds: 60 }))
    const synchronize = (type: string) => hurried.send('POST', '/api/v1/accounts/Slow/synchronization', { token, json: { type } })
    const first = await synchronize('standard')
    assert.equal(first.status, 202)
    assert.match(first.json.job.state, /^(prepared|outstanding)$/)
    const second = await synchronize('standard')
    assert.deepEqual([second.status, second.json.job.id], [202, first.json.job.id])
    const full = await synchronize('full')
    assert.deepEqual([full.status, full.json.code], [409, 'CONFLICT'])
    const job = () => api.send('GET', `/api/v1/accounts/Slow/synchronization/${first.json.job.id}`, { token })
    await upstream.database.write(db => putFaults(db, { slowSeconds: 0 }))
    await until(async () => (await job()).json.job.state === 'applied')
    await hurried.close()
  })

  it('is told why the cloud refused, and the job keeps it', async () => {
    await register('Refused')
    await upstream.database.write(db => putFaults(db, { refuse: 1 }))
    const { status, json } = await api.send('POST', '/api/v1/accounts/Refused/synchronization', { token })
    assert.deepEqual([status, json.status], [502, 'ERROR'])
    const { job } = (await standing('Refused')).json
    assert.deepEqual([job.state, job.message], ['failed', json.statusMessage])
  })

  it('is refused a job that is not there, and a type that is none', async () => {
    await register('Asked')
    for (const id of ['0', '99999', 'x', '9999999999999999999']) {
      assert.equal((await api.send('GET', `/api/v1/accounts/Asked/synchronization/${id}`, { token })).status, 404)
    }
    const answer = await api.send('POST', '/api/v1/accounts/Asked/synchronization', { token, json: { type: 'partial' } })
    assert.deepEqual([answer.status, answer.json.statusMessage], [400, 'type: Must be "standard" or "full".'])
  })

  it('decides when an account synchronizes and what it withholds, and gives both back to the server', async () => {
    await register('Set')
    const path = '/api/v1/accounts/Set/synchronization-settings'
    const set = (json: object) => api.send('POST', path, { token, json })
    const ofServer = {
      schedule: { frequency: 'off', hour: 2, own: false },
      privacy: { hostname: false, ip: false, mac: false, own: false },
      nextAt: null,
    }
    const read = async () => {
      const { status: _, statusMessage: __, ...settings } = (await api.send('GET', path, { token })).json
      return settings
    }
    assert.deepEqual(await read(), ofServer)
    await set({ schedule: { frequency: 'weekly', hour: '4' } })
    await set({ privacy: { hostname: true, ip: false, mac: true } })
    assert.deepEqual(await read(), {
      schedule: { frequency: 'weekly', hour: 4, own: true },
      privacy: { hostname: true, ip: false, mac: true, own: true },
      nextAt: null,
    })
    await withholdByDefault(branch.context, administrator, { hostname: false, ip: true, mac: false })
    assert.equal((await read()).privacy.ip, false, 'the decision for this account alone stays')
    await set({ schedule: null, privacy: null })
    assert.deepEqual(await read(), { ...ofServer, privacy: { hostname: false, ip: true, mac: false, own: false } })
    await register('New')
    const { privacy } = await getLocalAccountByName('New')
    assert.deepEqual(privacy, { hostname: false, ip: true, mac: false }, 'a new account withholds what the server does')
    const wrong = await set({ schedule: { frequency: 'yearly', hour: 4 } })
    assert.equal(wrong.status, 400)
  })

  it('has the server forget as whom the cloud lets an account in, once', async () => {
    await register('Forgotten')
    const { id } = await getLocalAccountByName('Forgotten')
    const path = '/api/v1/accounts/Forgotten/cloud-credentials'
    const confined = await api.token({ localAccountId: id })
    assert.equal((await api.send('DELETE', path, { token: confined })).status, 403, 'credentials are the business of the server')
    const forgotten = await api.send('DELETE', path, { token })
    assert.deepEqual([forgotten.status, forgotten.json.statusMessage], [200, 'The stored credentials of the cloud are forgotten.'])
    assert.equal(await branch.context.storage.db('cloud_credentials').where({ local_account_id: id }).first(), undefined)
    const again = await api.send('DELETE', path, { token })
    assert.deepEqual([again.status, again.json.statusMessage], [404, 'No credentials of the cloud are stored here.'])
  })
})
