import { later } from '../rules/clock.ts'
import type { Db } from './db.ts'

/**
 * Takes an entry of the agenda if it is due, so that whoever else looks this minute sees nothing left to do. Gives when it was last done
 * (the first time: one interval ago), or undefined when it is not due. To be called in the transaction of the work: what fails is due again.
 * A clock that was set back makes everything due, not nothing.
 */
export async function claimAgendaEntry(tx: Db, name: string, every: number, now: Date): Promise<Date | undefined> {
  await tx('agenda')
    .insert({ name, done_at: later(now, -every) })
    .onConflict('name')
    .ignore()
  const result = await tx.raw(
    `update agenda a set done_at = :now
     from (select name, done_at from agenda where name = :name and (done_at <= :due or done_at > :now) for update skip locked) before
     where a.name = before.name
     returning before.done_at as "doneAt"`,
    { name, now, due: later(now, -every) },
  )
  return result.rows[0]?.doneAt
}
