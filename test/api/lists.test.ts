import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { createApiClient } from '../../src/administration/createApiClient.ts'
import { issueAccessToken } from '../../src/administration/issueAccessToken.ts'
import { createLocalVirtualAccount } from '../../src/licensing/createLocalVirtualAccount.ts'
import { recountPurchased } from '../../src/licensing/settleAuthorizations.ts'
import { clearAlert } from '../../src/storage/alerts.ts'
import { administrator } from '../support/account.ts'
import { type ApiAnswer, type ApiSite, openApiSite } from '../support/apiSite.ts'
import { type Fleet, fleetRows } from '../support/fleetRows.ts'
import { castPassword, hire } from '../support/people.ts'

const products = 2500

describe('the lists of an account', function () {
  this.timeout(60_000)
  let site: ApiSite
  let fleet: Fleet
  let token: string
  const base = '/api/v1/accounts/Northwind%20Rail'

  before(async () => {
    site = await openApiSite()
    const { db } = site.context.storage
    const now = site.clock.now()
    fleet = await fleetRows(db, { uuid: randomUUID(), products, now })
    await site.context.storage.transaction(tx => recountPurchased(tx, fleet.localAccountId, now))
    token = await site.token()
  })
  after(() => site.close())

  const list = (name: string, json: object = {}, as = token): Promise<ApiAnswer> =>
    site.send('POST', `${base}/${name}`, { token: as, json })
  const events = (query = '', as = token) => site.send('GET', `${base}/events${query}`, { token: as })

  /** A token for somebody who works in one Local Virtual Account alone. */
  async function tokenOfVera() {
    await hire(site.context, 'Vera', { localAccountId: fleet.localAccountId, localVirtualAccountId: fleet.places.Campus })
    const client = await createApiClient(site.context, administrator, { name: 'console of Vera' })
    const user = { username: 'vera', password: castPassword }
    return (await issueAccessToken(site.context, { ...client, address: '192.0.2.1', scopes: [], user })).accessToken
  }

  it('find the account by its name, whatever its capitals, and by its id', async () => {
    for (const name of ['northwind%20rail', fleet.uuid]) {
      const { status, json } = await site.send('POST', `/api/v1/accounts/${name}/licenses`, { token, json: {} })
      assert.equal(status, 200)
      assert.ok(json.totalRecords > 0)
    }
  })

  describe('of licenses', () => {
    it('tell what was bought, is used and is missing, as the counters have it', async () => {
      const { json } = await list('licenses')
      const [row] = json.licenses.filter((each: { available: number }) => each.available < 0)
      const { rows } = await site.context.storage.db.raw(
        `select a.* from authorizations a join entitlement_tags t on t.id = a.tag_id
         join local_virtual_accounts v on v.local_account_id = a.local_account_id and v.id = a.local_virtual_account_id
         where a.local_account_id = ? and t.tag = ? and v.name = ?`,
        [fleet.localAccountId, row.entitlementTag, row.virtualAccount],
      )
      assert.deepEqual(
        [row.quantity, row.inUse, row.available, row.reserved, row.status],
        [rows[0].purchased, rows[0].in_use, rows[0].balance, 0, 'Out Of Compliance'],
      )
      assert.ok(
        json.licenses.every((each: { available: number; status: string }) => each.available < 0 === (each.status === 'Out Of Compliance')),
      )
      assert.equal(json.licenses.length, json.totalRecords)
    })

    it('name the lots with their terms, those to come apart', async () => {
      const { json } = await list('licenses', { license: 'wireless access', virtualAccounts: ['Campus'] })
      assert.deepEqual(
        json.licenses[0].licenseDetails.map((lot: { status: string }) => lot.status),
        ['Expired', 'Active', 'Active', 'Pending'],
      )
      assert.equal(json.licenses[0].pendingQuantity, 1000)
      const inForce = json.licenses[0].licenseDetails.filter((lot: { status: string }) => lot.status === 'Active')
      assert.equal(
        inForce.reduce((sum: number, lot: { quantity: number }) => sum + lot.quantity, 0),
        json.licenses[0].quantity,
      )
    })

    it('show on both rows what one license lends another', async () => {
      const { json } = await list('licenses')
      const loans = json.licenses.flatMap((each: { licenseSubstitutions: object[]; virtualAccount: string }) =>
        each.licenseSubstitutions.map(loan => ({ ...loan, virtualAccount: each.virtualAccount })),
      )
      const of = (type: string) =>
        loans
          .filter((loan: { substitutionType: string }) => loan.substitutionType === type)
          .map(({ substitutionType: _, ...loan }: { substitutionType: string }) => JSON.stringify(loan))
          .sort()
      assert.ok(of('Borrowed').length > 0)
      assert.deepEqual(of('Borrowed'), of('Lent'))
    })

    it('keep to the Local Virtual Accounts that are named, by name or by number, and to a status', async () => {
      for (const virtualAccounts of [['campus'], [String(fleet.places.Campus)], [fleet.places.Campus], 'Campus']) {
        const { json } = await list('licenses', { virtualAccounts })
        assert.deepEqual([...new Set(json.licenses.map((each: { virtualAccount: string }) => each.virtualAccount))], ['Campus'])
      }
      const short = await list('licenses', { status: 'out of compliance' })
      assert.ok(short.json.totalRecords > 0)
      assert.ok(short.json.licenses.every((each: { status: string }) => each.status === 'Out Of Compliance'))
      const unknown = await list('licenses', { virtualAccounts: ['Nowhere'] })
      assert.deepEqual([unknown.status, unknown.json.status], [400, 'ERROR'])
      assert.match(unknown.json.statusMessage, /"Nowhere"/)
    })

    it('explain what is out of compliance, by tag and by name', async () => {
      const { json } = await list('licenses', { status: 'Out Of Compliance', virtualAccounts: ['Campus'] })
      for (const license of [json.licenses[0].entitlementTag, json.licenses[0].license]) {
        const why = await site.send('GET', `${base}/licenses/${encodeURIComponent(license)}/why`, { token })
        assert.equal(why.status, 200)
        assert.equal(why.json.complianceStatus, 'Out Of Compliance')
        const here = why.json.explanations.find((each: { virtualAccount: { name: string } }) => each.virtualAccount.name === 'Campus')
        assert.equal(here.missing, -json.licenses[0].available)
        assert.ok(here.reasons.length > 0 && here.mends.some((mend: { kind: string }) => mend.kind === 'purchase'))
      }
      assert.equal((await site.send('GET', `${base}/licenses/nothing/why`, { token })).status, 404)
    })
  })

  describe('of product instances', () => {
    it('tell who they are and what they use', async () => {
      const { json } = await list('devices', { limit: 1, hostname: 'ams-rtr-001' })
      const [device] = json.devices
      const row = await site.context.storage.db('product_instances').where({ id: device.productInstanceId }).first()
      assert.deepEqual(
        [device.hostName, device.sudi.udiPid, device.sudi.udiSerialNumber, device.productName, device.tagName, device.status],
        [row.hostname, row.udi_pid, row.udi_serial_number, row.product_type, row.software_tag, row.state],
      )
      const used = await site.context.storage.db('usage').where({ product_instance_id: row.id })
      assert.deepEqual(device.licenses.map((each: { quantity: number }) => each.quantity).sort(), used.map(each => each.quantity).sort())
    })

    it('name every member of a pair', async () => {
      const { json } = await list('devices', { limit: 200, hostname: '-fw-' })
      assert.ok(json.devices.some((each: { haMembers: object[] }) => each.haMembers.length === 2))
    })

    it('are counted, and paged by offset and by cursor, each once and in the order of their names', async () => {
      const all = (await list('devices', { limit: -1 })).json
      assert.equal(all.devices.length, products)
      assert.equal(all.totalRecords, products)
      const ids = all.devices.map((each: { productInstanceId: string }) => each.productInstanceId)
      assert.equal(new Set(ids).size, products)
      const byOffset: string[] = []
      for (let offset = 0; offset < products; offset += 700) {
        const { json } = await list('devices', { limit: 700, offset })
        byOffset.push(...json.devices.map((each: { productInstanceId: string }) => each.productInstanceId))
      }
      assert.deepEqual(byOffset, ids)
      const byCursor: string[] = []
      let cursor: string | null | undefined
      do {
        const { json } = await list('devices', { limit: 900, ...(cursor && { cursor }) })
        byCursor.push(...json.devices.map((each: { productInstanceId: string }) => each.productInstanceId))
        cursor = json.nextCursor
      } while (cursor)
      assert.deepEqual(byCursor, ids)
    })

    it('go on from a cursor to the end, and backwards by name', async () => {
      const { json } = await list('devices', { limit: 1000 })
      const rest = await list('devices', { limit: -1, cursor: json.nextCursor })
      assert.equal(rest.json.devices.length, products - 1000)
      const backwards = await list('devices', { limit: 1, sortOrder: 'desc' })
      const last = rest.json.devices.at(-1)
      assert.equal(backwards.json.devices[0].productInstanceId, last.productInstanceId)
    })

    it('keep to a part of a name, to a state and to a place, and count what they keep to', async () => {
      const { json } = await list('devices', { hostname: 'Ber-Rtr', virtualAccounts: ['Branches'], status: 'registered', limit: -1 })
      assert.ok(json.devices.length > 0)
      assert.equal(json.devices.length, json.totalRecords)
      for (const { instanceName, virtualAccount, status } of json.devices) {
        assert.match(instanceName, /ber-rtr/)
        assert.deepEqual([virtualAccount, status], ['Branches', 'REGISTERED'])
      }
      const expired = await list('devices', { status: 'EXPIRED' })
      assert.equal(expired.json.devices.length, expired.json.totalRecords)
    })

    it('refuse a limit beyond a thousand, a sort that is not offered and a cursor that is none', async () => {
      for (const [json, sentence] of [
        [{ limit: 1001 }, /limit: Must be a whole number from -1 to 1000/],
        [{ offset: -1 }, /offset/],
        [{ sortBy: 'secret_hash; drop table users' }, /sortBy: Must be "name"/],
        [{ cursor: 'nonsense' }, /cursor: Does not belong to this list/],
      ] as const) {
        const answer = await list('devices', json)
        assert.deepEqual([answer.status, answer.json.status], [400, 'ERROR'])
        assert.match(answer.json.statusMessage, sentence)
      }
    })

    it('say which filter they do not know, so that nobody takes everything for what was sought', async () => {
      const { json } = await list('devices', { hostnme: 'core', limit: 1 })
      assert.match(json.statusMessage, /left out: hostnme\./)
    })
  })

  describe('of alerts', () => {
    it('tell what is open, the newest first, and page to the end', async () => {
      const { json } = await list('alerts', { limit: -1 })
      assert.ok(json.totalRecords > 2)
      assert.equal(json.alerts.length, json.totalRecords)
      const [alert] = json.alerts
      assert.deepEqual([alert.messageType, alert.severity], ['Insufficient licenses', 'major'])
      assert.ok(alert.source && alert.message && alert.actionDue && alert.virtualAccount)
      const first = await list('alerts', { limit: 2, offset: 0 })
      const next = await list('alerts', { limit: 2, cursor: first.json.nextCursor })
      assert.deepEqual([...first.json.alerts, ...next.json.alerts], json.alerts.slice(0, 4))
    })

    it('keep to severities and types, and show cleared ones to who asks for them', async () => {
      const { alerts, totalRecords } = (await list('alerts')).json
      assert.equal((await list('alerts', { severity: ['critical', 'minor'] })).json.totalRecords, 0)
      assert.equal((await list('alerts', { severity: 'Major', messageType: 'insufficient licenses' })).json.totalRecords, totalRecords)
      const row = await site.context.storage.db('alerts').where({ id: alerts[0].alertId }).first()
      await clearAlert(
        site.context.storage.db,
        { localAccountId: row.local_account_id, kind: row.kind, subject: row.subject },
        site.clock.now(),
      )
      assert.equal((await list('alerts')).json.totalRecords, totalRecords - 1)
      const included = await list('alerts', { cleared: 'include' })
      assert.equal(included.json.totalRecords, totalRecords)
      assert.ok(included.json.alerts.some((each: { clearedDate: string | null }) => each.clearedDate))
    })
  })

  describe('of events', () => {
    it('tell them the newest first, all of them if wanted', async () => {
      const { json } = await events('?limit=-1')
      assert.ok(json.events.length > products)
      assert.equal(json.events.length, json.totalRecords)
      const ids = json.events.map((each: { eventId: number }) => each.eventId)
      assert.deepEqual(
        ids,
        [...ids].sort((a, b) => b - a),
      )
    })

    it('keep to a kind, a time and a place', async () => {
      const { json } = await events(
        `?kind=product%20instance%20registered&virtualAccounts=Campus&from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00%2B01:00`,
      )
      assert.ok(json.events.length > 0)
      for (const { kind, virtualAccount, date } of json.events) {
        assert.deepEqual([kind, virtualAccount], ['product instance registered', 'Campus'])
        assert.ok(date >= '2026-01-01' && date < '2026-01-31T23:00')
      }
      assert.equal((await events('?from=yesterday')).status, 400)
    })

    it('come as CSV to who asks for that, and never as a formula', async () => {
      await createLocalVirtualAccount(
        site.context,
        { ...administrator, name: '=HYPERLINK("x")' },
        {
          localAccountId: fleet.localAccountId,
          name: 'Depot, north',
          description: '',
          isPublic: true,
        },
      )
      const { headers, body } = await site.send('GET', `${base}/events?limit=-1`, { token, headers: { accept: 'text/csv' } })
      assert.equal(headers['content-type'], 'text/csv; charset=utf-8')
      const [head, first] = body.split('\r\n')
      assert.equal(head, 'eventId,date,kind,message,who,source,virtualAccount,productInstanceId,entitlementTag')
      assert.match(first!, /"The Local Virtual Account Depot, north was created\.","'=HYPERLINK\(""x""\)"/)
      assert.equal(body.split('\r\n').length - 2, (await events('?limit=1')).json.totalRecords)
    })
  })

  it('show somebody of one Local Virtual Account what is theirs and nothing of their neighbours', async () => {
    const vera = await tokenOfVera()
    const here = ({ json }: ApiAnswer, name: string) => [
      ...new Set(json[name].map((each: { virtualAccount?: string; name?: string }) => each.virtualAccount ?? each.name)),
    ]
    assert.deepEqual(here(await list('licenses', {}, vera), 'licenses'), ['Campus'])
    assert.deepEqual(here(await list('devices', {}, vera), 'devices'), ['Campus'])
    assert.deepEqual(here(await list('alerts', { cleared: 'include' }, vera), 'alerts'), ['Campus'])
    assert.deepEqual(here(await events('', vera), 'events'), ['Campus'])
    const { json } = await site.send('GET', `${base}/reports/licenses`, { token: vera })
    assert.deepEqual([...new Set(json.rows.map((row: { localVirtualAccount: string }) => row.localVirtualAccount))], ['Campus'])
    assert.deepEqual(here(await site.send('GET', `${base}/virtual-accounts`, { token: vera }), 'virtualAccounts'), ['Campus'])
    const neighbour = await list('devices', { virtualAccounts: ['Branches'] }, vera)
    const nobody = await list('devices', { virtualAccounts: ['Nowhere'] }, vera)
    assert.equal(neighbour.body.replace('Branches', ''), nobody.body.replace('Nowhere', ''))
    const why = (license: string) => site.send('GET', `${base}/licenses/${encodeURIComponent(license)}/why`, { token: vera })
    const { explanations } = (await why('Network Essentials')).json
    assert.ok(explanations.every((each: { virtualAccount: { name: string } }) => each.virtualAccount.name === 'Campus'))
    const [theirs, none] = [await why('Remote Access Session'), await why('Nothing')]
    assert.deepEqual([theirs.status, theirs.body], [404, none.body])
  })

  describe('of reports', () => {
    const report = (name: string, query = '', accept = 'application/json') =>
      site.send('GET', `${base}/reports/${name}${query}`, { token, headers: { accept } })

    it('page by cursor, are narrowed by their filters, and come as CSV', async () => {
      const first = (await report('product-instances', '?limit=1000')).json
      assert.equal(first.totalRecords, products)
      const second = (await report('product-instances', `?limit=1000&cursor=${first.nextCursor}`)).json
      assert.ok(second.rows[0].name >= first.rows.at(-1).name)
      const expired = (await report('product-instances', '?state=EXPIRED')).json.rows
      assert.ok(expired.length > 0 && expired.every((row: { state: string }) => row.state === 'Expired'))
      const csv = await report('licenses', '?standing=short', 'text/csv')
      assert.match(csv.body, /^License,Tag,Local Virtual Account,/)
      assert.doesNotMatch(csv.body, /In compliance/)
    })

    it('count what they list, also of those that are not in contact', async () => {
      const { db } = site.context.storage
      const [one] = await db('product_instances').where({ local_account_id: fleet.localAccountId }).orderBy('id').limit(1)
      await db('silent_product_instances').insert({
        local_account_id: fleet.localAccountId,
        product_instance_id: one.id,
        authorization_ended: false,
      })
      const { json } = await report('product-instances', '?contact=failed')
      assert.deepEqual([json.totalRecords, json.rows.map((row: { name: string }) => row.name)], [1, [one.name]])
    })

    it('refuse a report that there is not', async () => {
      assert.equal((await report('secrets')).status, 404)
    })
  })
})
