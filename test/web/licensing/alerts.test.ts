import assert from 'node:assert/strict'
import { day } from '../../../src/rules/clock.ts'
import { raiseAlert } from '../../../src/storage/alerts.ts'
import { paths } from '../../../src/web/paths.ts'
import type { HttpVisitor } from '../../support/httpVisitor.ts'
import { openRail, type Rail } from '../../support/rail.ts'

const { licensing } = paths

describe('the alerts of an account', () => {
  let rail: Rail
  let sam: HttpVisitor
  let victor: HttpVisitor
  let uuid: string
  let short: { id: number; severity: string; message: string }

  const raise = (severity: 'minor' | 'major' | 'critical', message = 'The last synchronization failed.') =>
    raiseAlert(rail.context.storage.db, {
      localAccountId: rail.fleet.localAccountId,
      kind: 'synchronization failed',
      subject: 'cloud',
      severity,
      source: 'Synchronization',
      message,
      action: 'Look at what the cloud said.',
      at: rail.context.clock.now(),
    })
  const idOf = async (kind: string): Promise<number> =>
    (
      await rail.context.storage
        .db('alerts')
        .where({ local_account_id: rail.fleet.localAccountId, kind })
        .whereNull('cleared_at')
        .first('id')
    ).id
  const alerts = async (person: HttpVisitor, state = '') => (await person.get(`${licensing.alerts(uuid)}?state=${state}`)).text

  before(async () => {
    rail = await openRail()
    sam = await rail.signedIn('Sam')
    victor = await rail.signedIn('Victor')
    uuid = rail.fleet.uuid
    short = await rail.context.storage
      .db('alerts')
      .where({ local_account_id: rail.fleet.localAccountId, kind: 'insufficient licenses' })
      .first()
  })
  after(() => rail.close())
  beforeEach(() => raise('minor'))

  it('stand on a page of their own, the most severe first, each with where to act', async () => {
    const text = await alerts(sam)
    assert.ok(text.indexOf(short.message) < text.indexOf('The last synchronization failed.'), 'major before minor')
    assert.match(text, /See the license/)
    assert.match(text, /aria-label="Alerts: \d+ open"/)
  })

  it('are counted by the bell as the page shows them: whoever has one Local Virtual Account hears of no other', async () => {
    const bell = (text: string) => /aria-label="Alerts: (\w+) open"/.exec(text)?.[1]
    const shown = (text: string) => String(text.match(/aria-label="Dismiss: /g)?.length ?? 'none')
    // The first page notes the account, the second reads it of the session.
    for (const person of [sam, victor])
      for (const text of [await alerts(person), await alerts(person)]) assert.equal(bell(text), shown(text))
    assert.notEqual(bell(await alerts(sam)), bell(await alerts(victor)))
  })

  it('can be put off, for everybody, until the day comes or they become more severe', async () => {
    const id = await idOf('synchronization failed')
    const put = await sam.submit(licensing.alertReminder(uuid, id), licensing.alertReminder(uuid, id), { days: '7' })
    assert.equal(put.status, 303)
    assert.doesNotMatch(await alerts(sam), /The last synchronization failed/)
    assert.match(await alerts(sam, 'put+aside'), /The last synchronization failed[\s\S]*by sam/)
    await raise('minor', 'The last two synchronizations failed.')
    assert.doesNotMatch(await alerts(sam), /The last two synchronizations failed/)
    await raise('major', 'The last three synchronizations failed.')
    assert.match(await alerts(sam), /The last three synchronizations failed/)
    await sam.submit(licensing.alertReminder(uuid, id), licensing.alertReminder(uuid, id), { days: '1' })
    assert.doesNotMatch(await alerts(sam), /The last three/)
    rail.clock.advance(day)
    // The session has ended by then.
    sam = await rail.signedIn('Sam')
    victor = await rail.signedIn('Victor')
    assert.match(await alerts(sam), /The last three synchronizations failed/)
  })

  it('can be dismissed, and opened again', async () => {
    const id = await idOf('synchronization failed')
    await sam.submit(licensing.alertDismissal(uuid, id), licensing.alertDismissal(uuid, id), {})
    assert.doesNotMatch(await alerts(sam), /synchronization/)
    assert.match(await alerts(sam, 'put+aside'), /Dismissed/)
    assert.match((await sam.get(licensing.events(uuid))).text, /An alert was dismissed: Synchronization/)
    await sam.submit(licensing.alerts(uuid), licensing.alertReopening(uuid, id), {})
    assert.match(await alerts(sam), /Synchronization/)
  })

  it('refuse what is no choice, and one that is over', async () => {
    const id = await idOf('synchronization failed')
    const put = (number: number, days: string) => sam.submit(licensing.alerts(uuid), licensing.alertReminder(uuid, number), { days })
    assert.equal((await put(id, '1000')).status, 400)
    for (const number of [999_999, 2 ** 60]) assert.equal((await put(number, '7')).status, 404)
    await rail.context.storage.db('alerts').where({ id }).update({ cleared_at: rail.context.clock.now() })
    assert.equal((await put(id, '7')).status, 404)
    assert.match(await alerts(sam, 'cleared'), /synchronization/i)
  })

  it('of other Local Virtual Accounts, and of the account, are not for who has one of them', async () => {
    assert.doesNotMatch(await alerts(victor), /Campus|Branches|Data centre|synchronization/i)
    const whole = await idOf('synchronization failed')
    for (const id of [whole, short.id]) {
      assert.ok([403, 404].includes((await victor.get(licensing.alertDismissal(uuid, id))).status))
      assert.ok([403, 404].includes((await victor.submit(licensing.alerts(uuid), licensing.alertDismissal(uuid, id), {})).status))
    }
  })
})
