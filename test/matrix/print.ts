import { everybody } from '../support/allowed.ts'
import { mochaGlobalSetup, mochaGlobalTeardown } from '../support/database.ts'
import { openGround, walkEverything } from './ground.ts'
import { type Asker, complaintOf, holds, type Row } from './walk.ts'

/** Prints who gets what of every route, with their own ids and with those of others; ends with 1 where somebody gets what is not declared. */
const askers: Asker[] = ['nobody', ...everybody, 'client', 'client elsewhere']
const signs = { in: 'x', 'sign in': '-', no: '.', none: '.', kept: '.', CHANGED: '!', BROKEN: '!' } as const

/** One sign for each aim: own, neighbour, smuggled, other. */
const signsOf = (row: Row, asker: Asker) =>
  row.cells
    .filter(cell => cell.asker === asker)
    .map(cell => (holds(cell) ? signs[cell.outcome] : '!'))
    .join('')

await mochaGlobalSetup()
const ground = await openGround()
try {
  const rows = await walkEverything(ground)
  console.log('x let in   . refused, or answered as if there were nothing   - sent to the sign-in   ! not as declared')
  console.log(
    'A letter for the ids of: one\u2019s own place, the Local Virtual Account beside it, another account\u2019s in one\u2019s own, another account.\n',
  )
  console.log([...askers.map(asker => asker.slice(0, 6).padEnd(7)), 'act'.padEnd(18), 'route'].join(''))
  for (const row of rows)
    console.log(
      [
        ...askers.map(asker => signsOf(row, asker).padEnd(7)),
        row.act.padEnd(18),
        `${row.door} ${row.method.toUpperCase()} ${row.path}`,
      ].join(''),
    )
  const wrong = rows.flatMap(row => row.cells.filter(cell => !holds(cell)).map(cell => complaintOf(row, cell)))
  console.log(`\n${rows.length} routes, ${rows.flatMap(({ cells }) => cells).length} questions, ${wrong.length} not as declared.`)
  for (const line of wrong) console.log(line)
  process.exitCode = wrong.length > 0 ? 1 : 0
} finally {
  await ground.close()
  await mochaGlobalTeardown()
}
