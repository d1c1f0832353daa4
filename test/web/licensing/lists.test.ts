import assert from 'node:assert/strict'
import { removeProductInstance } from '../../../src/licensing/removeProductInstance.ts'
import { paths } from '../../../src/web/paths.ts'
import { administrator } from '../../support/account.ts'
import type { HttpVisitor } from '../../support/httpVisitor.ts'
import { openRail, type Rail } from '../../support/rail.ts'
import { openSite } from '../../support/site.ts'

const { licensing } = paths
const unescaped = (text: string) => text.replaceAll('&amp;', '&')

describe('lists of the Licensing workspace', () => {
  let rail: Rail
  let sam: HttpVisitor
  let uuid: string
  before(async () => {
    rail = await openRail(130)
    sam = await rail.signedIn('Sam')
    uuid = rail.fleet.uuid
  })
  after(() => rail.close())

  const instancesOn = (text: string) => [...text.matchAll(/<tr class="pf-v6-c-table__tr" id="i([^"]+)"/g)].map(match => match[1]!)
  const linkTo = (text: string, rel: string) => {
    const found = new RegExp(`href="([^"]+)" rel="${rel}"`).exec(text)?.[1]
    return found && unescaped(found)
  }

  it('are walked page by page to the end and back, with whatever is asked', async () => {
    const path = `${licensing.productInstances(uuid)}?rows=20&place=${rail.fleet.places.Branches}`
    const pages: string[][] = []
    let at: string | undefined = path
    let last = ''
    while (at) {
      last = at
      const text: string = (await sam.get(at)).text
      pages.push(instancesOn(text))
      at = linkTo(text, 'next')
    }
    assert.ok(pages.length > 2)
    assert.equal(new Set(pages.flat()).size, pages.flat().length)
    const back = linkTo((await sam.get(last)).text, 'prev')!
    assert.match(back, /rows=20/)
    assert.deepEqual(instancesOn((await sam.get(back)).text), pages.at(-2))
  })

  it('lead back to the start where a page has become empty', async () => {
    const { text } = await sam.get(`${licensing.productInstances(uuid)}?rows=20`)
    const next = linkTo(text, 'next')!
    const beyond = next.replace(/after=[^&]+/, `after=${Buffer.from(JSON.stringify(['zzzz', instancesOn(text)[0]])).toString('base64url')}`)
    const answer = await sam.get(beyond)
    assert.deepEqual([answer.status, answer.headers.location], [303, `${licensing.productInstances(uuid)}?rows=20`])
  })

  it('find product instances by name, serial number and PID, in any capitals', async () => {
    const { db } = rail.context.storage
    const one = await db('product_instances').where({ local_account_id: rail.fleet.localAccountId }).first()
    for (const part of [one.name.toUpperCase(), one.udi_serial_number.toLowerCase(), one.udi_pid.slice(0, 5)]) {
      const { text } = await sam.fragment(`${licensing.productInstances(uuid)}?search=${encodeURIComponent(part)}`)
      assert.ok(instancesOn(text).length > 0, part)
    }
    assert.match((await sam.fragment(`${licensing.productInstances(uuid)}?search=nothing+like+it`)).text, /No product instance fits/)
  })

  it('sort licenses by what is allowed, and say which way', async () => {
    const balances = async (query: string) => {
      const { text } = await sam.get(licensing.licenses(uuid) + query)
      const numbers = [...text.matchAll(/data-label="Balance"><strong>([^<]+)</g)].map(match =>
        Number(match[1]!.replace('−', '-').replace(/[+,]/g, '')),
      )
      return { text, numbers }
    }
    const up = await balances('?sort=balance')
    assert.match(up.text, /pf-m-selected[^>]*aria-sort="ascending"/)
    assert.deepEqual(
      up.numbers,
      [...up.numbers].sort((a, b) => a - b),
    )
    const down = await balances('?sort=balance&order=desc')
    assert.match(down.text, /aria-sort="descending"/)
    assert.deepEqual(
      down.numbers,
      [...down.numbers].sort((a, b) => b - a),
    )
  })

  it('show only what is out of compliance, in all or one Local Virtual Account', async () => {
    const all = await sam.get(`${licensing.licenses(uuid)}?short=on`)
    assert.match(all.text, /data-label="Standing">\s*<span class="qm-state qm-state--danger"/)
    assert.doesNotMatch(all.text, /data-label="Standing">\s*<span class="qm-state qm-state--success"/)
    const calm = await sam.get(`${licensing.licenses(uuid)}?short=on&place=${rail.fleet.places.Default}`)
    assert.match(calm.text, /Everything is in compliance/)
  })

  it('tell why a license is short, and what would mend it', async () => {
    const { text } = await sam.get(licensing.license(uuid, rail.fleet.tags['Wireless Access Point']!))
    assert.match(text, /Wireless Access Point is [\d,]+ short in Campus/)
    assert.match(text, /600 ended on 21 February 2026/)
    assert.match(text, /Purchase [\d,]+ more/)
    assert.match(text, /1,000 more begin on 17 March 2026/)
  })

  it('search the event log by kind, text and place', async () => {
    const rows = async (query: string) => (await sam.get(`${licensing.events(uuid)}${query}`)).text.match(/id="e\d+"/g)?.length ?? 0
    assert.equal(await rows('?kind=product+instance+registered&rows=100'), 100)
    assert.ok((await rows(`?place=${rail.fleet.places['Data centre']}&rows=100`)) < 60)
    const { text } = await sam.get(`${licensing.events(uuid)}?search=nothing+like+it`)
    assert.match(text, /No event fits/)
  })

  it('give up a removed product instance at once, with its licenses', async () => {
    const path = licensing.productInstances(uuid)
    const id = instancesOn((await sam.get(path)).text)[0]!
    const removal = licensing.productInstanceRemoval(uuid, id)
    const answer = await sam.submit(removal, removal, {})
    assert.equal(answer.headers.location, path)
    const { text } = await sam.get(path)
    assert.match(text, /was removed, and its licenses are free/)
    assert.ok(!instancesOn(text).includes(id))
    assert.equal((await sam.get(licensing.productInstance(uuid, id))).status, 404)
    assert.match((await sam.get(`${licensing.events(uuid)}?kind=product+instance+removed`)).text, /Removed by a person/)
  })

  it('say that a product instance is gone when two remove it', async () => {
    const id = instancesOn((await sam.get(licensing.productInstances(uuid))).text)[0]!
    const removal = licensing.productInstanceRemoval(uuid, id)
    await sam.get(removal)
    await removeProductInstance(rail.context, administrator, { localAccountId: rail.fleet.localAccountId, id })
    assert.equal((await sam.submit(licensing.tokens(uuid), removal, {})).status, 404)
  })
})

describe('an account in which nothing has happened', () => {
  it('says on each page what to do next', async () => {
    const site = await openSite()
    const sofia = await site.signedIn('Sofia')
    const { uuid } = site.home.account
    const next: [string, RegExp][] = [
      [licensing.overview(uuid), /First steps[\s\S]*Make a token/],
      [licensing.licenses(uuid), /No license yet[\s\S]*Create a token/],
      [licensing.productInstances(uuid), /No product has registered yet[\s\S]*Create a token/],
      [licensing.tokens(uuid), /No token yet[\s\S]*Create a token/],
      [licensing.events(uuid), /Nothing has happened yet/],
    ]
    for (const [path, words] of next) assert.match((await sofia.get(path)).text, words, path)
    await site.close()
  })
})
