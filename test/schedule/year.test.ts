import assert from 'node:assert/strict'
import { deactivateLocalAccount } from '../../src/administration/accounts/deactivateLocalAccount.ts'
import { deleteLocalAccount } from '../../src/administration/accounts/deleteLocalAccount.ts'
import { changeMailSettings } from '../../src/administration/mail/changeMailSettings.ts'
import { removeRegistration } from '../../src/lab/cloud/store/registrations.ts'
import type { LocalAccount } from '../../src/rules/accounts.ts'
import { accountInForce } from '../../src/rules/accounts.ts'
import { day } from '../../src/rules/clock.ts'
import { runErrands, tick } from '../../src/schedule/clock.ts'
import { getLocalAccount } from '../../src/storage/localAccounts.ts'
import { synchronizeLocalAccount } from '../../src/synchronization/synchronizeLocalAccount.ts'
import { administrator } from '../support/account.ts'
import { serveApi } from '../support/apiSite.ts'
import { type MailServer, openMailServer } from '../support/mailServer.ts'
import { type Branch, openBranch, openUpstream, seenByCloud, type Upstream } from '../support/upstream.ts'

describe('a year without synchronization', function () {
  // Each of its days is all that a minute's tick does, one transaction after the other: on a machine with other work that takes its time.
  this.timeout(300_000)
  let upstream: Upstream
  let branch: Branch
  let account: LocalAccount
  let mail: MailServer
  beforeEach(async () => {
    upstream = await openUpstream()
    branch = await openBranch(upstream)
    mail = await openMailServer()
    await changeMailSettings(branch.context, administrator, {
      settings: {
        host: 'localhost',
        port: mail.port,
        security: 'starttls',
        user: null,
        from: 'q@example.com',
        recipients: ['team@example.com'],
        ca: mail.ca,
      },
    })
    account = await branch.register('Zurich')
  })
  afterEach(async () => {
    await mail?.close()
    await branch?.close()
    await upstream?.close()
  })

  const db = () => branch.context.storage.db
  const turn = async () => {
    await tick(branch.context)
    await runErrands(branch.context)
  }
  const openAlerts = async () =>
    (
      (await db()('alerts').where({ local_account_id: account.id }).whereNull('cleared_at').orderBy('kind')) as {
        kind: string
        severity: string
      }[]
    ).map(({ kind, severity }) => `${kind}: ${severity}`)
  const told = () => mail.delivered.map(each => /^Subject: (.*)$/m.exec(each.text)![1]!.trim())

  it('raises the ladder of alerts day by day, mails each rung once, and ends in the death of the account', async () => {
    const seen: [number, string][] = []
    // In between, where nothing happens, time flies.
    for (let days = 0, step = 1; days <= 367; days += step) {
      step = days < 28 ? 7 : days >= 34 && days < 304 ? 10 : 1
      await turn()
      const now = (await openAlerts()).join(', ')
      if (now !== (seen.at(-1)?.[1] ?? '')) seen.push([days, now])
      upstream.clock.advance(step * day)
    }
    const overdue = 'synchronization overdue: major'
    assert.deepEqual(seen, [
      [30, 'synchronization due: minor'],
      [32, overdue],
      [305, `account certificate ending: minor, ${overdue}`],
      [351, `account certificate ending: major, ${overdue}`],
      [364, `account certificate ending: critical, ${overdue}`],
      [365, 'synchronization expired: critical'],
    ])
    assert.deepEqual(told(), [
      'Zurich is overdue for synchronization',
      ...[60, 30, 14, 7].map(days => `Zurich: in ${days} days its certificates end`),
      'Zurich: in 1 day its certificates end',
      'Zurich has expired',
    ])
    assert.equal(accountInForce(await getLocalAccount(db(), account.id), upstream.clock.now()), false)
  })

  it('tells where it stands when nobody looked for months, and is silent at once after a synchronization', async () => {
    upstream.clock.advance(340 * day)
    await turn()
    assert.deepEqual(told(), ['Zurich is overdue for synchronization', 'Zurich: in 25 days its certificates end'])
    const api = await serveApi(branch.context)
    const token = await api.token()
    const listed = (await api.send('POST', '/api/v1/accounts/Zurich/alerts', { token, json: {} })).json
    assert.deepEqual(listed.alerts.map((each: { messageType: string }) => each.messageType).sort(), [
      'Account certificate ending',
      'Synchronization overdue',
    ])
    await api.close()
    await synchronizeLocalAccount(branch.context, administrator, account.id, 'standard')
    assert.deepEqual(await openAlerts(), [])
    upstream.clock.advance(340 * day)
    await turn()
    assert.equal(told().length, 4, 'the next time it is told anew')
  })

  it('is over when the account is removed on both sides and registered anew', async () => {
    upstream.clock.advance(366 * day)
    await turn()
    assert.deepEqual(await openAlerts(), ['synchronization expired: critical'])
    await assert.rejects(synchronizeLocalAccount(branch.context, administrator, account.id, 'full'), { code: 'ACCOUNT_EXPIRED' })
    const { registration } = seenByCloud(upstream, account.uuid)
    await upstream.database.write(cloud => removeRegistration(cloud, registration.id))
    const wish = { localAccountId: account.id, confirmation: 'Zurich', reason: 'Expired', despite: true }
    await deactivateLocalAccount(branch.context, administrator, wish)
    upstream.clock.advance(day)
    await turn()
    assert.deepEqual(await openAlerts(), [], 'nobody is told of what is inactive')
    await deleteLocalAccount(branch.context, administrator, wish)
    const anew = await branch.register('Zurich')
    assert.notEqual(anew.uuid, account.uuid)
    assert.equal((await synchronizeLocalAccount(branch.context, administrator, anew.id, 'standard')).state, 'applied')
  })
})
