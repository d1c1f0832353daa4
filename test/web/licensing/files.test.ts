import assert from 'node:assert/strict'
import fc from 'fast-check'
import { csvLine } from '../../../src/rules/csv.ts'
import { paths } from '../../../src/web/paths.ts'
import type { HttpVisitor } from '../../support/httpVisitor.ts'
import { openRail, type Rail } from '../../support/rail.ts'

const { licensing } = paths

/** Reads CSV as RFC 4180 says. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]]
  const field = /("(?:[^"]|"")*"|[^,"\r\n]*)(,|\r\n|$)/y
  while (field.lastIndex < text.length) {
    const [, value, end] = field.exec(text)!
    rows.at(-1)!.push(value!.startsWith('"') ? value!.slice(1, -1).replaceAll('""', '"') : value!)
    if (end === '\r\n' && field.lastIndex < text.length) rows.push([])
  }
  return rows
}

describe('a line of CSV', () => {
  it('is read back as it was written, but for an apostrophe before what could be a formula', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1 }), fields => {
        const guarded = fields.map(field => (/^[=+\-@\t\r\n]/.test(field) ? `'${field}` : field))
        assert.deepEqual(readCsv(csvLine(fields)), [guarded])
      }),
    )
  })

  it('lets no text begin a formula, and leaves numbers as they are', () => {
    const dangerous = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '=HYPERLINK("http://x","y")']
    for (const text of dangerous) assert.match(csvLine([text]), /^"?'/)
    assert.equal(csvLine([-12, 0, null, new Date(0)]), '-12,0,,1970-01-01T00:00:00.000Z\r\n')
  })
})

describe('files of the Licensing workspace', () => {
  let rail: Rail
  let sam: HttpVisitor
  let uuid: string
  before(async () => {
    rail = await openRail(4500)
    sam = await rail.signedIn('Sam')
    uuid = rail.fleet.uuid
  })
  after(() => rail.close())

  const namesOf = async (path: string) => {
    const [head, ...rows] = readCsv((await sam.get(path)).text)
    assert.equal(head![0], 'Name')
    return rows.map(row => row[0]!)
  }
  const known = async (condition: string, bindings: (string | number)[] = []) => {
    const { rows } = await rail.context.storage.db.raw(
      `select name from product_instances i where local_account_id = ? and ${condition} order by name, id`,
      [rail.fleet.localAccountId, ...bindings],
    )
    return rows.map((row: { name: string }) => row.name)
  }

  it('hold every product instance, in the order of the list, past the end of a batch', async () => {
    assert.deepEqual(await namesOf(licensing.productInstancesFile(uuid, 'csv')), await known('true'))
    const down = await namesOf(`${licensing.productInstancesFile(uuid, 'csv')}?order=desc`)
    assert.deepEqual(down, (await known('true')).reverse())
  })

  it('hold what is filtered, and nothing else', async () => {
    const { Campus } = rail.fleet.places
    assert.deepEqual(
      await namesOf(`${licensing.productInstancesFile(uuid, 'csv')}?search=wlc&place=${Campus}`),
      await known(`name like '%wlc%' and local_virtual_account_id = ?`, [Campus]),
    )
    assert.deepEqual(await namesOf(`${licensing.productInstancesFile(uuid, 'csv')}?state=EXPIRED`), await known(`state = 'EXPIRED'`))
  })

  it('are offered with the filter that the page has', async () => {
    const { text } = await sam.get(`${licensing.productInstances(uuid)}?search=wlc&state=EXPIRED`)
    assert.ok(text.includes(`href="${licensing.productInstancesFile(uuid, 'csv')}?search=wlc&amp;state=EXPIRED" download`))
  })

  it('are the same as JSON', async () => {
    const answer = await sam.get(`${licensing.productInstancesFile(uuid, 'json')}?search=wlc`)
    assert.match(String(answer.headers['content-disposition']), /attachment; filename="product-instances-2026-03-01\.json"/)
    const rows: { name: string; licenses: number; state: string }[] = JSON.parse(answer.text)
    assert.deepEqual(
      rows.map(row => row.name),
      await known(`name like '%wlc%'`),
    )
    assert.deepEqual(JSON.parse((await sam.get(`${licensing.productInstancesFile(uuid, 'json')}?search=nothing+like+it`)).text), [])
  })

  it('hold the event log, as it is filtered, and of the places that are one’s own', async () => {
    const { db } = rail.context.storage
    const mine = { local_account_id: rail.fleet.localAccountId }
    const counted = async (more: object) => Number((await db('events').where(mine).where(more).count().first())!.count)
    const rowsOf = async (query: string, who = sam) =>
      readCsv((await who.get(`${licensing.eventsFile(uuid, 'csv')}${query}`)).text).slice(1)
    assert.equal((await rowsOf('')).length, await counted({}))
    const registered = await rowsOf('?kind=product+instance+registered')
    assert.equal(registered.length, await counted({ kind: 'product instance registered' }))
    assert.ok(registered.length > 0 && registered.every(row => row[2] === 'product instance registered'))
    const { Campus, Default } = rail.fleet.places
    assert.equal((await rowsOf(`?place=${Campus}`)).length, await counted({ local_virtual_account_id: Campus }))
    assert.equal((await rowsOf('?search=nothing+like+it')).length, 0)
    const victor = await rail.signedIn('Victor')
    assert.equal((await rowsOf('', victor)).length, await counted({ local_virtual_account_id: Default }))
    assert.match((await sam.get(`${licensing.events(uuid)}?place=${Campus}`)).text, new RegExp(`events\\.csv\\?place=${Campus}" download`))
  })

  it('hold licenses with their standing in words', async () => {
    const answer = await sam.get(licensing.licensesFile(uuid, 'csv'))
    assert.equal(answer.headers['content-type'], 'text/csv; charset=utf-8')
    const [head, ...rows] = readCsv(answer.text)
    const standing = head!.indexOf('Standing')
    const points = rows.find(row => row[0] === 'Wireless Access Point')!
    assert.equal(points[standing], 'Out Of Compliance')
    assert.equal(rows.find(row => row[0] === 'Threat Defence')![standing], 'In Compliance')
    const short = readCsv((await sam.get(`${licensing.licensesFile(uuid, 'csv')}?short=on`)).text).slice(1)
    assert.ok(short.length > 0 && short.length < rows.length)
    assert.ok(short.every(row => row[standing] === 'Out Of Compliance'))
  })

  it('guard a spreadsheet against what a product calls itself', async () => {
    await rail.context.storage.db.raw(
      `update product_instances set name = '=cmd|calc' where local_account_id = ? and name = 'zrh-wlc-001'`,
      [rail.fleet.localAccountId],
    )
    assert.deepEqual(await namesOf(`${licensing.productInstancesFile(uuid, 'csv')}?search=%3Dcmd`), ["'=cmd|calc"])
  })
})
