import assert from 'node:assert/strict'
import type { Synchronization } from '../../src/rules/exchanges.ts'
import { findLocalAccountByName, getLocalAccount } from '../../src/storage/localAccounts.ts'
import { getExchangeFile, listSynchronizations } from '../../src/storage/synchronizations.ts'
import { testClock } from '../support/clock.ts'
import type { HttpVisitor } from '../support/httpVisitor.ts'
import { openSite, type Site } from '../support/site.ts'
import { type Branch, courier, openBranch, openUpstream, standProduct, type Upstream } from '../support/upstream.ts'

describe('pages about accounts and their exchanges', function () {
  this.timeout(60_000)
  let upstream: Upstream
  let branch: Branch
  let site: Site
  let ada: HttpVisitor
  before(async () => {
    const clock = testClock()
    upstream = await openUpstream(clock)
    branch = await openBranch(upstream)
    site = await openSite({ on: { branch, clock } })
    ada = await site.signedIn('Ada')
  })
  // Of one person's sessions the ones seen longest ago end; on a clock that stands, none is older.
  beforeEach(() => upstream.clock.advance(1000))
  after(async () => {
    await site?.close()
    await upstream?.close()
  })

  const pageOf = (uuid: string) => `/admin/accounts/${uuid}`
  const latestOf = async (id: number): Promise<Synchronization> =>
    (await listSynchronizations(site.context.storage.db, id, { limit: 1 }))[0]!
  const byName = async (name: string) => (await findLocalAccountByName(site.context.storage.db, name))!
  const request = (visitor: HttpVisitor, name: string) =>
    visitor.submit('/account-requests/new', '/account-requests', {
      name,
      smartAccount: 'Example Corp',
      virtualAccount: name,
      message: 'For <b>the</b> plant.',
    })

  describe('a request', () => {
    it('is made by somebody without a role, who sees what becomes of it', async () => {
      const nora = await site.signedIn('Nora')
      assert.match((await nora.get('/')).text, /href="\/account-requests\/new"/)
      assert.equal((await request(nora, 'Plant 7')).headers.location, '/account-requests')
      assert.match((await nora.get('/account-requests')).text, /Plant 7[\s\S]*Waits for an administrator/)
      const taken = await request(nora, 'plant 7')
      assert.deepEqual([taken.status, /There is a Local Account plant 7 already/.test(taken.text)], [422, true])
      const list = await ada.get('/admin/accounts/requests')
      assert.match(list.text, /Plant 7[\s\S]*For &lt;b&gt;the&lt;\/b&gt; plant\./)
      assert.match((await ada.get('/admin')).text, /1 request waiting/)
      const { uuid } = await byName('Plant 7')
      await ada.submit('/admin/accounts/requests', `${pageOf(uuid)}/approval`, {})
      assert.match((await nora.get('/account-requests')).text, /Approved, to be registered/)
      const silent = await ada.submit(pageOf(uuid), `${pageOf(uuid)}/rejection`, { reason: '' })
      assert.match(silent.text, /Say why: whoever asked for the account reads it/)
      await ada.submit(pageOf(uuid), `${pageOf(uuid)}/rejection`, { reason: 'Use Plant 8.' })
      assert.match((await nora.get('/account-requests')).text, /Rejected[\s\S]*Use Plant 8\./)
      assert.match((await ada.get(pageOf(uuid))).text, /This request was rejected[\s\S]*Use Plant 8\./)
    })

    it('shows nobody what others asked for', async () => {
      const sam = await site.signedIn('Sam')
      assert.doesNotMatch((await sam.get('/account-requests')).text, /Plant 7/)
    })

    it('stays as it was where the cloud refuses, and its page says why and keeps what was typed', async () => {
      const { clientId, clientSecret } = upstream.ready
      const form = { name: 'Plant 9', smartAccount: 'Exmaple Corp', virtualAccount: 'Plant 9', carrier: 'network', clientId, clientSecret }
      const refused = await ada.submit('/admin/accounts/new', '/admin/accounts', form)
      assert.equal(refused.status, 422)
      assert.match(refused.text, /There is no Smart Account Exmaple Corp in the cloud/)
      const account = await byName('Plant 9')
      assert.equal(account.state, 'requested')
      assert.match((await ada.get(pageOf(account.uuid))).text, /Registration was refused by the cloud[\s\S]*Exmaple Corp/)
      assert.match((await ada.get(`/admin/accounts/new?again=${account.uuid}`)).text, /value="Exmaple Corp"/)
    })
  })

  describe('an exchange by file', () => {
    async function registered(name: string) {
      const form = { name, smartAccount: 'Example Corp', virtualAccount: name, carrier: 'manual' }
      const answer = await ada.submit('/admin/accounts/new', '/admin/accounts', form)
      const account = await byName(name)
      assert.equal(answer.headers.location, `${pageOf(account.uuid)}/courier`)
      await carry(account.uuid)
      return getLocalAccount(site.context.storage.db, account.id)
    }
    const download = async (uuid: string) => (await ada.get(`${pageOf(uuid)}/courier/request`)).text
    const upload = (uuid: string, file: string | Buffer) => ada.upload(`${pageOf(uuid)}/courier`, `${pageOf(uuid)}/courier/response`, file)
    const prepare = (uuid: string, form: Record<string, string> = { type: 'standard' }) =>
      ada.submit(`${pageOf(uuid)}/courier`, `${pageOf(uuid)}/courier/request`, form)
    async function carry(uuid: string) {
      const uploaded = await upload(uuid, await courier(upstream, await download(uuid)))
      assert.equal(uploaded.status, 303, uploaded.text)
      return ada.submit(`${pageOf(uuid)}/courier`, `${pageOf(uuid)}/courier/application`, {})
    }

    it('registers an account, and shows what is in the response before it counts', async () => {
      await ada.submit('/admin/accounts/new', '/admin/accounts', {
        name: 'Ferry',
        smartAccount: 'Example Corp',
        virtualAccount: 'Ferry',
        carrier: 'manual',
      })
      const { uuid } = await byName('Ferry')
      const file = await ada.get(`${pageOf(uuid)}/courier/request`)
      assert.equal(file.headers['content-disposition'], 'attachment; filename=Ferry-0.registration-request.json')
      assert.equal((await upload(uuid, await courier(upstream, file.text))).headers.location, `${pageOf(uuid)}/courier`)
      assert.equal((await byName('Ferry')).state, 'requested')
      assert.match((await ada.get(`${pageOf(uuid)}/courier`)).text, /What is in the response[\s\S]*Example Corp \/ Ferry/)
      const applied = await ada.submit(`${pageOf(uuid)}/courier`, `${pageOf(uuid)}/courier/application`, {})
      assert.equal(applied.headers.location, pageOf(uuid))
      assert.equal((await byName('Ferry')).state, 'registered')
      assert.match((await ada.get(pageOf(uuid))).text, /Ferry is registered\./)
    })

    it('says at the field what is wrong with a file, and waits for the right one', async () => {
      const account = await registered('Faults')
      await prepare(account.uuid)
      const own = await download(account.uuid)
      for (const [file, words] of [
        ['', /Choose the response file/],
        ['{}', /is damaged|names no format|cannot be read|Fetch it again/i],
        [own, /This is a request, not a response/],
      ] as const) {
        const answer = await upload(account.uuid, file)
        assert.equal(answer.status, 422)
        assert.match(answer.text, words)
        assert.match(answer.text, /id="file"[^>]*aria-invalid="true"/)
      }
      const other = await registered('Faults of another')
      await prepare(other.uuid)
      const wrong = await upload(account.uuid, await courier(upstream, await download(other.uuid)))
      assert.match(wrong.text, /This file belongs to another Local Account\. Upload it there\./)
      await carry(account.uuid)
      const again = await upload(account.uuid, (await getExchangeFile(site.context.storage.db, await latestOf(account.id), 'response'))!)
      assert.match(again.text, /This file has been uploaded before, and was applied on [\d-]{10} [\d:]{5} UTC\. Nothing was changed/)
    })

    it('is not taken from another site, without its token, or by one who may not', async () => {
      const account = await registered('Guarded')
      await prepare(account.uuid)
      const response = await courier(upstream, await download(account.uuid))
      const path = `${pageOf(account.uuid)}/courier/response`
      const forged = await ada.upload(`${pageOf(account.uuid)}/courier`, path, response, { _token: 'guess' })
      assert.equal(forged.status, 403)
      const elsewhere = await ada.send('POST', path, {
        body: Buffer.from('x'),
        headers: { 'sec-fetch-site': 'cross-site', 'content-type': 'multipart/form-data; boundary=x' },
      })
      assert.equal(elsewhere.status, 403)
      const sam = await site.signedIn('Sam')
      const denied = await sam.upload('/account-requests', path, response)
      assert.equal(denied.status, 404)
      assert.equal((await latestOf(account.id)).state, 'outstanding')
      for (const body of ['nonsense', '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nbroken']) {
        const broken = await ada.send('POST', path, {
          body: Buffer.from(body),
          headers: { 'content-type': 'multipart/form-data; boundary=x' },
        })
        assert.equal(broken.status, 400, body)
      }
      assert.equal(
        (await ada.send('POST', path, { body: Buffer.from('x'), headers: { 'content-type': 'multipart/form-data' } })).status,
        400,
      )
    })

    it('is not replaced without a warning, by another file or by the network', async () => {
      const account = await registered('Warned')
      await prepare(account.uuid)
      assert.match((await prepare(account.uuid)).text, /A request is with a courier already/)
      await ada.submit(pageOf(account.uuid), `${pageOf(account.uuid)}/synchronizations`, { type: 'standard' })
      assert.match((await ada.get(pageOf(account.uuid))).text, /a synchronization by network would cancel it/)
      assert.equal((await latestOf(account.id)).carrier, 'manual')
      await ada.submit(`${pageOf(account.uuid)}/courier`, `${pageOf(account.uuid)}/courier/cancellation`, {})
      assert.equal((await latestOf(account.id)).state, 'cancelled')
      const gone = await ada.get(`${pageOf(account.uuid)}/courier/request`)
      assert.equal(gone.headers.location, `${pageOf(account.uuid)}/courier`)
    })

    it('is listed with what was in it and both its files', async () => {
      const account = await registered('Listed')
      await standProduct(branch, account, { hostname: 'listed-edge' })
      await prepare(account.uuid)
      await carry(account.uuid)
      const exchange = await latestOf(account.id)
      const list = await ada.get(`/admin/synchronization/exchanges?account=${account.uuid}`)
      assert.match(list.text, /Standard no\. 1[\s\S]*Applied[\s\S]*1 product instance/)
      assert.doesNotMatch((await ada.get(`/admin/synchronization/exchanges?account=${account.uuid}&state=troubled`)).text, /Standard no/)
      const page = await ada.get(`${pageOf(account.uuid)}/exchanges/${exchange.id}`)
      assert.match(page.text, /1 product instance new[\s\S]*listed-edge/)
      for (const which of ['request', 'response'] as const) {
        const file = await ada.get(`${pageOf(account.uuid)}/exchanges/${exchange.id}/${which}.json`)
        assert.equal(file.text, await getExchangeFile(site.context.storage.db, exchange, which))
        assert.match(String(file.headers['content-disposition']), new RegExp(`Listed-1\\.sync-${which}\\.json`))
      }
      assert.equal((await ada.get(`${pageOf(account.uuid)}/exchanges/999999`)).status, 404)
      assert.equal((await ada.get(`${pageOf(site.home.account.uuid)}/exchanges/${exchange.id}`)).status, 404)
    })
  })

  describe('the end of an account', () => {
    it('is guided: what is to be done first is shown, then its name is typed, twice', async () => {
      const account = await branch.register('Closing')
      await standProduct(branch, account)
      const deactivation = `${pageOf(account.uuid)}/deactivation`
      assert.match((await ada.get(deactivation)).text, /1 product instance is left/)
      const form = { reason: 'Closed.', confirmation: 'Closing' }
      assert.match((await ada.submit(deactivation, deactivation, form)).text, /Product instances are still registered/)
      await ada.submit(deactivation, `${pageOf(account.uuid)}/product-removal`, {})
      assert.match((await ada.fragment(deactivation)).text, /None is left/)
      assert.match(
        (await ada.submit(deactivation, deactivation, { ...form, confirmation: 'closing' })).text,
        /Type the name of the account, Closing/,
      )
      assert.equal((await ada.submit(deactivation, deactivation, form)).headers.location, pageOf(account.uuid))
      assert.match((await ada.get(pageOf(account.uuid))).text, /This account is inactive[\s\S]*Closed\./)
      const deletion = `${pageOf(account.uuid)}/deletion`
      assert.match((await ada.submit(deletion, deletion, { confirmation: '' })).text, /Type the name of the account/)
      assert.equal((await ada.submit(deletion, deletion, { confirmation: 'Closing' })).headers.location, '/admin/accounts')
      assert.equal((await ada.get(pageOf(account.uuid))).status, 404)
      assert.match((await ada.get('/admin/accounts/events')).text, /The Local Account Closing [^<]* was deleted/)
    })
  })

  it('set when an account synchronizes and what it withholds, and the same for all', async () => {
    const { uuid, id } = site.home.account
    const path = `${pageOf(uuid)}/synchronization-settings`
    await ada.submit(path, path, { frequency: 'weekly', hour: '4', privacy: 'own', hostname: 'on' })
    assert.deepEqual((await getLocalAccount(site.context.storage.db, id)).privacy, { hostname: true, ip: false, mac: false })
    assert.match((await ada.get('/admin/synchronization')).text, /Weekly[\s\S]*Hostname/)
    await ada.submit('/admin/synchronization/schedules', '/admin/synchronization/schedules', { frequency: 'daily', hour: '3', mac: 'on' })
    await ada.submit(path, path, { frequency: '', hour: '2', privacy: 'server' })
    assert.deepEqual((await getLocalAccount(site.context.storage.db, id)).privacy, { hostname: false, ip: false, mac: true })
    assert.match((await ada.get('/admin/synchronization')).text, /Daily/)
    const otto = await site.signedIn('Otto')
    const page = await otto.get('/admin/synchronization/schedules')
    assert.match(page.text, /A System Administrator can change this/)
    assert.equal((await otto.submit('/admin/synchronization', '/admin/synchronization/schedules', { frequency: 'off' })).status, 403)
  })
})
