import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type Cursor, decodeCursor, encodeCursor, pageOf, type Slice, type SortColumn } from '../../../src/storage/pages/keyset.ts'

const columns: SortColumn[] = [
  { sql: 'name', type: 'text' },
  { sql: 'id', type: 'integer' },
]
type Row = { name: string; id: number }
const cursorOf = (row: Row): Cursor => [row.name, row.id]
const compare = (a: Row, b: Row) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.id - b.id)

/** What the database does with the condition and the order of `keyset`. */
function select(rows: Row[], slice: Slice): Row[] {
  const sorted = [...rows].sort(compare)
  const cursor = slice.before ?? slice.after
  const place = cursor && { name: cursor[0] as string, id: cursor[1] as number }
  const found = slice.before
    ? sorted.reverse().filter(row => compare(row, place!) < 0)
    : sorted.filter(row => !place || compare(row, place) > 0)
  return found.slice(0, slice.size + 1)
}

const list = fc.uniqueArray(fc.record({ name: fc.constantFrom('a', 'b', 'c'), id: fc.nat(200) }), {
  selector: row => row.id,
  maxLength: 40,
})

describe('paging', () => {
  it('shows every row once on the way forward, and the same pages on the way back', () => {
    fc.assert(
      fc.property(list, fc.integer({ min: 1, max: 7 }), (rows, size) => {
        const page = (slice: Slice) => pageOf(select(rows, slice), slice, cursorOf)
        const pages = [page({ size })]
        while (pages.at(-1)!.next) pages.push(page({ size, after: pages.at(-1)!.next! }))
        assert.deepEqual(
          pages.flatMap(one => one.rows),
          [...rows].sort(compare),
        )
        assert.equal(pages[0]!.previous, null)
        for (let index = pages.length - 1; index > 0; index--) {
          const back = page({ size, before: pages[index]!.previous! })
          assert.deepEqual(back.rows, pages[index - 1]!.rows)
          assert.equal(back.previous === null, index === 1)
        }
      }),
    )
  })

  it('reads the cursor it wrote', () => {
    fc.assert(
      fc.property(
        fc.string().filter(text => !text.includes('\0')),
        fc.nat(),
        (name, id) => {
          assert.deepEqual(decodeCursor(encodeCursor([name, id]), columns), [name, id])
        },
      ),
    )
  })

  it('takes a cursor that does not fit for none', () => {
    const misfits = [[], ['a'], ['a', 'b'], ['a', 1, 2], [1, 'a'], ['a', 1.5], ['a', null], ['\0', 1], { name: 'a' }, 'a']
    for (const value of misfits) {
      const text = Buffer.from(JSON.stringify(value)).toString('base64url')
      assert.equal(decodeCursor(text, columns), undefined, JSON.stringify(value))
    }
    fc.assert(fc.property(fc.string(), text => void decodeCursor(text, columns)))
    assert.equal(decodeCursor(undefined, columns), undefined)
  })
})
