import type { Context } from '../../context.ts'
import { whoActs } from '../../storage/acting.ts'
import { insertTrailRecords } from '../../storage/trail.ts'

/** What was asked for at a door: the method, the path as the table of routes writes it, and the act that it is. */
export type Asked = { method: string; path: string; act: string; localAccountId?: number | undefined }

/** "every refused attempt": somebody asked for what is not theirs, or for what a rule says no to. */
export const recordRefusal = (context: Context, asked: Asked, sentence: string): Promise<void> =>
  record(context, asked, 'refused', `${nameOf(asked)} was refused: ${sentence}`)

/** "Every change": one that has no event of its own is recorded by the name of its route. */
export const recordChange = (context: Context, asked: Asked): Promise<void> => record(context, asked, 'done', `${nameOf(asked)}.`)

const nameOf = ({ method, path }: Asked) => `${method.toUpperCase()} ${path}`

async function record({ storage, clock }: Context, { act, localAccountId = 0 }: Asked, outcome: 'done' | 'refused', message: string) {
  const actor = whoActs()
  if (!actor) return
  const { name, kind, source, correlationId } = actor
  await insertTrailRecords(storage.db, [
    { at: clock.now().toISOString(), who: name, actor: kind, source, correlationId, kind: act, message, outcome, localAccountId },
  ])
}
