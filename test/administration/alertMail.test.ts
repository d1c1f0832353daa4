import assert from 'node:assert/strict'
import { mailAlerts } from '../../src/administration/alerts/mailAlerts.ts'
import { changeMailSettings } from '../../src/administration/mail/changeMailSettings.ts'
import { later, minute } from '../../src/rules/clock.ts'
import { raiseAlert } from '../../src/storage/alerts.ts'
import { paths } from '../../src/web/paths.ts'
import { administrator } from '../support/account.ts'
import type { HttpVisitor } from '../support/httpVisitor.ts'
import { openRail, type Rail } from '../support/rail.ts'

const { licensing } = paths

describe('mail of alerts', () => {
  let rail: Rail
  let uuid: string
  let at: Date
  beforeEach(async () => {
    rail = await openRail(20, { start: new Date('2026-05-04T04:00:00Z') })
    uuid = rail.fleet.uuid
    at = rail.clock.now()
    const mail = { host: 'localhost', port: 25, security: 'none', user: null, from: 'licenses@example.com', ca: null } as const
    await changeMailSettings(rail.context, administrator, { settings: { ...mail, recipients: [] } })
    await rail.context.storage.db('alerts').delete()
  })
  afterEach(() => rail.close())

  const member = async (name: 'Sam' | 'Victor'): Promise<HttpVisitor> => {
    const visitor = await rail.signedIn(name)
    const username = name.toLowerCase()
    await rail.context.storage
      .db('users')
      .where({ username })
      .update({ email: `${username}@example.com` })
    return visitor
  }
  const choose = async (who: HttpVisitor, fields: [string, string][]) => {
    const page = licensing.alertMail(uuid)
    const body = Buffer.from(new URLSearchParams([['_token', await who.token(page)], ...fields]).toString())
    const answer = await who.send('POST', page, { body, headers: { 'content-type': 'application/x-www-form-urlencoded' } })
    assert.equal(answer.status, 303)
  }
  const raise = (place: string, kind = 'insufficient licenses') => {
    const subject = kind === 'synchronization due' ? '' : `${(rail.fleet.places as Record<string, number>)[place]}/1`
    const key = { localAccountId: rail.fleet.localAccountId, kind, subject }
    return raiseAlert(rail.context.storage.db, { ...key, severity: 'major', source: place, message: 'It is so.', action: '', at })
  }
  const tell = (after = 0) => rail.context.storage.transaction(tx => mailAlerts(tx, later(at, after)))
  const mails = async () =>
    (await rail.context.storage.db('mails').orderBy('id')).map(({ recipients, subject }) => `${recipients}: ${subject}`)

  it('goes out once for each alert, to who asked, of the kinds and places they chose', async () => {
    await choose(await member('Sam'), [
      ['immediate', 'on'],
      ['group', 'licenses'],
      ['place', String(rail.fleet.places.Campus)],
    ])
    for (const place of ['Campus', 'Branches']) await raise(place)
    await raise('Campus', 'product instances failed to renew')
    await tell()
    await tell(minute)
    assert.deepEqual(await mails(), ['sam@example.com: Laboratory: Campus, insufficient licenses'])
  })

  it('tells nobody of what their roles do not let them see, now or any more', async () => {
    const everything: [string, string][] = [
      ['immediate', 'on'],
      ['group', 'licenses'],
      ['group', 'account'],
      ['place', String(rail.fleet.places.Campus)],
    ]
    await choose(await member('Victor'), everything)
    await raise('Default')
    await raise('Campus')
    await raise('Account', 'synchronization due')
    await tell()
    assert.deepEqual(await mails(), ['victor@example.com: Laboratory: Default, insufficient licenses'], 'a place of others is not kept')
    await rail.context.storage.db('role_assignments').delete()
    await raise('Default', 'product instances failed to renew')
    await tell(minute)
    assert.equal((await mails()).length, 1)
  })

  it('sums up what is open once a day, also when nothing is', async () => {
    await choose(await member('Sam'), [
      ['summary', 'on'],
      ['group', 'licenses'],
    ])
    await raise('Campus')
    await tell()
    assert.deepEqual(await mails(), [], 'the day has not come so far')
    for (const hours of [2, 3, 20, 26]) await tell(hours * 60 * minute)
    assert.deepEqual(await mails(), Array(2).fill('sam@example.com: Laboratory: 1 open alert'))
    await rail.context.storage.db('alerts').delete()
    await tell(50 * 60 * minute)
    assert.deepEqual((await mails()).at(-1), 'sam@example.com: Laboratory: 0 open alerts')
  })

  it('is told to nobody while no mail goes out, and the page says so', async () => {
    await rail.context.storage.db('settings').where('name', 'like', '%mail%').delete()
    const sam = await member('Sam')
    assert.match((await sam.get(licensing.alertMail(uuid))).text, /No mail goes out of this server yet/)
    await choose(sam, [
      ['immediate', 'on'],
      ['group', 'licenses'],
    ])
    await raise('Campus')
    await tell()
    assert.deepEqual(await mails(), [])
    assert.match((await sam.get(licensing.alertMail(uuid))).text, /id="immediate" name="immediate" value="on" checked/)
  })
})
