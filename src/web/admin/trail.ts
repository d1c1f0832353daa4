import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { exportTrail, nameOfExport } from '../../administration/trail/exportTrail.ts'
import { verifyTrail } from '../../administration/trail/verifyTrail.ts'
import { encodeCursor } from '../../storage/pages/keyset.ts'
import { byNumber, listTrailRows } from '../../storage/pages/trailRows.ts'
import { listModel, oneOf, readQuestion, readSlice } from '../licensing/list.ts'
import { paths } from '../paths.ts'
import { goTo, say, show } from '../render.ts'
import type { Visit } from '../visit.ts'

const view = { page: 'admin/trail/index.njk', fragment: 'admin/trail/_table.njk' }
const outcomes = ['done', 'refused'] as const

/** Security › Event log: the audit trail, newest first. */
export async function trailPage(visit: Visit): Promise<void> {
  const { search, size } = readQuestion(visit)
  const outcome = oneOf(visit, 'outcome', outcomes)
  const slice = readSlice(visit, byNumber, size)
  const found = await listTrailRows(visit.context.storage.pages, { text: search, outcome: outcome ?? null }, slice)
  const list = listModel(visit, paths.admin.trail, { search, outcome: outcome ?? '' }, slice, found.page)
  if (list.isEmpty && list.first && found.searchedTo === null) return goTo(visit, list.first)
  const rows = found.page.rows.map(({ number, record }) => ({ number, ...record, at: new Date(record.at) }))
  const further = found.searchedTo === null ? undefined : list.link({ after: encodeCursor([found.searchedTo]) })
  show(visit, view, { list, rows, outcome, search, further })
}

/** "`verify` as a console command and a page": follows the whole chain, and says whether it holds or where it first does not. */
export async function trailVerificationSubmitted(visit: Visit): Promise<void> {
  const { broken, records, from } = await verifyTrail(visit.context)
  const since = from > 1 ? ` since record ${from}, before which it was pruned` : ''
  await say(
    visit,
    broken
      ? {
          tone: 'danger',
          words: `The trail does not hold. ${broken.sentence}`,
          more: 'Somebody changed the database. Tell whoever is responsible for its security.',
        }
      : {
          tone: 'success',
          words: `The trail holds: ${records} ${records === 1 ? 'record' : 'records'}${since}, none changed, removed or put in.`,
        },
  )
  goTo(visit, paths.admin.trail)
}

/** The whole trail as lines of JSON, with its end signed; it is written as it is read. */
export async function trailExport({ context, response, now }: Visit): Promise<void> {
  response.type('application/jsonl').set('Content-Disposition', `attachment; filename="${nameOfExport(now)}"`)
  await pipeline(Readable.from(exportTrail(context)), response).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  })
}
