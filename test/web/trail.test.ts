import assert from 'node:assert/strict'
import { ensureServerIdentity } from '../../src/synchronization/ensureServerIdentity.ts'
import { paths } from '../../src/web/paths.ts'
import { openSite, type Site } from '../support/site.ts'

const { admin } = paths

describe('the page of the trail', () => {
  let site: Site
  before(async () => {
    site = await openSite()
    await ensureServerIdentity(site.context.storage.db, site.context.secrets, site.clock.now())
  })
  after(() => site.close())

  const records = async () =>
    (await site.context.storage.db('trail').orderBy('number')).map(({ record }): Record<string, unknown> => JSON.parse(record))

  it('shows who did what from where, what was refused, and finds it again', async () => {
    const ada = await site.signedIn('Ada')
    const sam = await site.signedIn('Sam')
    assert.equal((await sam.get(admin.trail)).status, 404)
    await ada.submit(admin.newUser, admin.users, { username: 'eve', role: 'none' })
    await ada.submit(admin.users, admin.disabling('ada'), {})
    const { text } = await ada.get(admin.trail)
    for (const words of ['User eve was added.', 'ada signed in.', '127.0.0.1', 'You cannot disable yourself.'])
      assert.ok(text.includes(words), words)
    const refused = await ada.fragment(`${admin.trail}?outcome=refused`)
    assert.ok(refused.text.includes('You cannot disable yourself.') && !refused.text.includes('User eve was added.'))
    const found = await ada.fragment(`${admin.trail}?search=eve`)
    assert.ok(found.text.includes('User eve was added.') && !found.text.includes('signed in.'))
  })

  it('has a record for what writes no event, and for what is not allowed', async () => {
    const sam = await site.signedIn('Sam')
    await sam.submit('/password', paths.theme, { theme: 'dark' })
    assert.equal((await sam.get(paths.licensing.newVirtualAccount(site.home.account.uuid))).status, 403)
    const [theme, denied] = (await records()).slice(-2)
    assert.deepEqual([theme!.who, theme!.message, theme!.outcome], ['sam', 'POST /theme.', 'done'])
    assert.deepEqual([denied!.who, denied!.outcome, denied!.source], ['sam', 'refused', '127.0.0.1'])
  })

  it('verifies, and says where somebody was at it', async () => {
    const otto = await site.signedIn('Otto')
    assert.equal((await otto.submit(admin.trail, admin.trailVerification, {})).status, 303)
    assert.match((await otto.get(admin.trail)).text, /The trail holds: \d+ records/)
    await site.context.storage.db.transaction(async tx => {
      await tx.raw('alter table trail disable trigger user')
      await tx.raw(`update trail set record = replace(record, 'sam', 'tom') where who = 'sam'`)
      await tx.raw('alter table trail enable trigger user')
    })
    await otto.submit(admin.trail, admin.trailVerification, {})
    assert.match((await otto.get(admin.trail)).text, /The trail does not hold. Record \d+ was changed/)
  })

  it('is exported as a file of lines, its end signed', async () => {
    const { status, headers, text } = await (await site.signedIn('Ada')).get(admin.trailExport)
    assert.equal(status, 200)
    assert.match(String(headers['content-disposition']), /^attachment; filename="trail-\d{8}T\d{9}Z\.jsonl"$/)
    const lines = text
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    assert.equal(lines[0].format, 'Quartermaster trail 1')
    assert.equal(lines.at(-1).head.number, lines.length - 2)
    assert.equal(typeof lines.at(-1).signature, 'string')
  })

  it('pages through a long trail at a cost that does not grow with it', async () => {
    const ada = await site.signedIn('Ada')
    await site.context.storage.db.raw(
      `insert into trail_waiting (at, record)
       select now(), json_build_object('at', now(), 'who', 'x', 'actor', 'user', 'kind', 'k', 'message', 'act ' || i, 'outcome', 'done', 'localAccountId', 0)::text
       from generate_series(1, 3000) i`,
    )
    const first = await ada.get(admin.trail)
    const next = /href="([^"]+)" rel="next"/.exec(first.text)![1]!.replaceAll('&amp;', '&')
    assert.ok(first.text.includes('act 3000<') && !first.text.includes('act 2950<'))
    assert.ok((await ada.get(next)).text.includes('act 2950<'))
  })
})
