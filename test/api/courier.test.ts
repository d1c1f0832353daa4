import assert from 'node:assert/strict'
import { findLocalAccountByName } from '../../src/storage/localAccounts.ts'
import { prepareSynchronization } from '../../src/synchronization/prepareSynchronization.ts'
import { administrator } from '../support/account.ts'
import { type ServedApi, serveApi } from '../support/apiSite.ts'
import { type Branch, courier, openBranch, openUpstream, payloadText, seenByCloud, type Upstream } from '../support/upstream.ts'

describe('a script that has no way to the cloud but a courier', function () {
  this.timeout(60_000)
  let upstream: Upstream
  let branch: Branch
  let api: ServedApi
  let token: string
  before(async () => {
    upstream = await openUpstream()
    branch = await openBranch(upstream)
    api = await serveApi(branch.context)
    token = await api.token()
  })
  after(async () => {
    await api?.close()
    await branch?.close()
    await upstream?.close()
  })

  const call = (path: string, json: object = {}, as = token) => api.send('POST', `/api/v1/accounts/${path}`, { token: as, json })
  const upload = (path: string, body: string, headers = {}, as = token) =>
    api.send('POST', `/api/v1/accounts/${path}`, { token: as, body, headers: { 'content-type': 'application/json', ...headers } })
  const register = async (name: string) => {
    const request = await call(`${name}/registration/request`, { smartAccount: 'Example Corp', virtualAccount: name })
    return upload(`${name}/registration/response`, await courier(upstream, request.body))
  }

  it('registers an account that is made by its first request', async () => {
    const request = await call('Carried/registration/request', { smartAccount: 'Example Corp', virtualAccount: 'Carried' })
    assert.equal(request.status, 200)
    assert.match(String(request.headers['content-disposition']), /attachment; filename\*=UTF-8''Carried-0\.registration-request\.json/)
    assert.equal(JSON.parse(payloadText(request.body)).type, 'registration-request')
    const waiting = await api.send('GET', '/api/v1/accounts/Carried', { token })
    assert.equal(waiting.json.account.state, 'requested')
    const { status, json } = await upload('Carried/registration/response', await courier(upstream, request.body))
    assert.deepEqual([status, json.account.state, json.job.state, json.job.carrier], [200, 'registered', 'applied', 'manual'])
    assert.equal(json.applied.licenseLots.gone, 0)
    assert.equal((await call('Nobody/registration/request')).status, 404)
    assert.equal((await call('Carried/registration/request')).status, 409)
  })

  it('synchronizes, standard and full, and is told what was applied', async () => {
    await register('Kept')
    const { id } = (await findLocalAccountByName(branch.context.storage.db, 'Kept'))!
    await upstream.shop('Kept').buy(upstream.ready.tags.advantage, 5)
    for (const type of ['standard', 'full']) {
      const request = await call('Kept/synchronization/request', { type })
      const number = Number(request.headers['x-job'])
      const { status, json } = await upload('Kept/synchronization/response', await courier(upstream, request.body))
      assert.deepEqual([status, json.status, json.job.id, json.job.type, json.job.state], [200, 'SUCCESS', number, type, 'applied'])
      assert.deepEqual(json.applied, { licenseLots: { put: 1, gone: 0 }, productInstances: { added: 0, changed: 0, removed: 0 } })
    }
    assert.equal(
      seenByCloud(upstream, (await findLocalAccountByName(branch.context.storage.db, 'Kept'))!.uuid).registration.lastSequence,
      2,
    )
    assert.ok(id > 0)
  })

  it('is told by a code what is wrong with a file, and nothing changes', async () => {
    await register('Codes')
    await register('Other')
    const path = 'Codes/synchronization/response'
    const refused = async (body: string, headers = {}) => {
      const { status, json } = await upload(path, body, headers)
      return [status, json.code]
    }
    assert.deepEqual(await refused('{}'), [400, 'FILE_MALFORMED'])
    assert.deepEqual(await refused('x'), [400, 'FILE_MALFORMED'])
    const first = (await call('Codes/synchronization/request')).body
    assert.deepEqual(await refused(first), [400, 'WRONG_TYPE'])
    const others = await courier(upstream, (await call('Other/synchronization/request')).body)
    assert.deepEqual(await refused(others), [400, 'WRONG_ACCOUNT'])
    const old = await courier(upstream, first)
    await call('Codes/synchronization/request')
    assert.deepEqual(await refused(old), [409, 'FILE_OLD'])
    await call('Codes/synchronization/cancel')
    assert.equal((await call('Codes/synchronization/cancel')).json.code, 'NO_PENDING_REQUEST')
    const full = await courier(upstream, (await call('Codes/synchronization/request', { type: 'full' })).body)
    const { json } = await upload(path, full)
    assert.deepEqual(
      [json.job.state, json.job.code, json.applied],
      ['refused', 'CHAIN_BROKEN', null],
      'the cloud has answered the cancelled one',
    )
    assert.deepEqual(await refused(full), [409, 'FILE_SAME'])
    const changed = others.slice(0, -20) + (others.at(-20) === 'A' ? 'B' : 'A') + others.slice(-19)
    assert.deepEqual(await refused(changed), [400, 'BAD_SIGNATURE'])
    assert.equal((await upload(path, full, { 'content-type': 'text/plain' })).status, 415)
    assert.equal((await upload(path, full, { 'content-encoding': 'gzip' })).status, 415)
  })

  it('is refused a file that is too large before all of it has come', async () => {
    await register('Large')
    const { status, json } = await upload('Large/synchronization/response', 'x'.repeat(64 * 1024 * 1024 + 1))
    assert.deepEqual([status, json.code], [413, 'FILE_TOO_LARGE'])
  })

  it('waits while an exchange is on the network', async () => {
    await register('Busy')
    const { id } = (await findLocalAccountByName(branch.context.storage.db, 'Busy'))!
    await prepareSynchronization(branch.context, administrator, {
      localAccountId: id,
      kind: 'standard',
      reason: 'MANUAL',
      carrier: 'network',
    })
    assert.equal((await call('Busy/synchronization/request')).status, 409)
  })

  it('may synchronize its own account, and register none', async () => {
    await register('Own')
    const { id } = (await findLocalAccountByName(branch.context.storage.db, 'Own'))!
    const own = await api.token({ localAccountId: id })
    const request = await call('Own/synchronization/request', {}, own)
    assert.equal((await upload('Own/synchronization/response', await courier(upstream, request.body), {}, own)).status, 200)
    assert.equal((await call('Own/registration/request', {}, own)).status, 403)
  })

  it('goes with an account through its whole life', async () => {
    const asked = await api.send('POST', '/api/v1/account-requests', {
      token,
      json: { name: 'Life', smartAccount: 'Example Corp', virtualAccount: 'Life', notificationEmail: 'nora@example.com' },
    })
    assert.deepEqual([asked.status, asked.json.account.state, asked.json.account.requestedBy], [201, 'requested', 'a script'])
    assert.equal((await call('Life/approve')).json.account.state, 'approved')
    assert.equal((await call('Life/approve')).status, 409)
    assert.equal((await register('Life')).json.account.state, 'registered')
    assert.equal((await call('Life', { name: 'Afterlife' })).json.account.name, 'Afterlife')
    assert.equal((await api.send('DELETE', '/api/v1/accounts/Afterlife', { token })).status, 409)
    assert.equal((await call('Afterlife/deactivate', { reason: '' })).status, 400)
    const ended = await call('Afterlife/deactivate', { reason: 'Closed.' })
    assert.deepEqual([ended.json.account.state, ended.json.account.decisionReason], ['inactive', 'Closed.'])
    assert.equal((await api.send('DELETE', '/api/v1/accounts/Afterlife', { token })).status, 200)
    assert.equal((await api.send('GET', '/api/v1/accounts/Afterlife', { token })).status, 404)
    const unwanted = { name: 'Unwanted', smartAccount: 'Example Corp', virtualAccount: 'Unwanted' }
    const { json } = await api.send('POST', '/api/v1/account-requests', { token, json: unwanted })
    assert.equal((await call('Unwanted/reject', { reason: 'No.' })).json.account.state, 'rejected')
    assert.equal((await api.send('GET', `/api/v1/accounts/${json.account.id}`, { token })).json.account.decisionReason, 'No.')
  })
})
