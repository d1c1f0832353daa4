import type { Db } from '../db.ts'

/** Whose a job is; null: the server's own. */
type Owner = { uuid: string; name: string } | null

/** Something that was done, is being done, or is tried again, whatever kind of work it is. `id` is of its kind. */
export type JobRow = {
  kind: 'synchronization' | 'backup' | 'mail' | 'batch'
  id: number
  what: string
  state: 'waiting' | 'running' | 'done' | 'failed' | 'stopped'
  message: string | null
  by: string | null
  startedAt: Date
  finishedAt: Date | null
  account: Owner
}

const owner = `case when l.id is null then null else json_build_object('uuid', l.uuid, 'name', l.name) end`

/** The newest work of every kind, what is not over first. What a courier carries waits; a mail whose mail server is away is tried again. */
export async function listJobs(db: Db, limit: number): Promise<JobRow[]> {
  const { rows } = await db.raw(
    `select j.kind, j.id, j.what, j.state, j.message, j.by, j.started_at as "startedAt", j.finished_at as "finishedAt", ${owner} as account
     from (
       (select 'synchronization' as kind, local_account_id, id, kind as what,
          case state when 'applied' then 'done' when 'cancelled' then 'stopped' when 'refused' then 'failed' when 'failed' then 'failed'
            else case carrier when 'manual' then 'waiting' else 'running' end end as state,
          message, requested_by as by, created_at as started_at, finished_at
        from synchronizations order by id desc limit :limit)
       union all
       (select 'backup', 0, id, origin, state, message, started_by, started_at, finished_at from backups order by id desc limit :limit)
       union all
       (select 'mail', local_account_id, id, subject,
          case when sent_at is not null then 'done' when next_at is null then 'failed' else 'waiting' end, failure, null, created_at, sent_at
        from mails order by id desc limit :limit)
       union all
       (select 'batch', b.local_account_id, b.id, deed, state, failure, u.username, asked_at, ended_at
        from instance_batches b join users u on u.id = b.user_id order by b.id desc limit :limit)
     ) j left join local_accounts l on l.id = j.local_account_id
     order by j.state in ('running', 'waiting') desc, j.started_at desc, j.kind, j.id desc limit :limit`,
    { limit },
  )
  return rows
}

/** Something that falls due by itself, and when. */
export type DueRow = { kind: 'synchronization' | 'backup' | 'report' | 'mail'; what: string; dueAt: Date; account: Owner }

/** What falls due next, the nearest first. */
export async function listDue(db: Db, limit: number): Promise<DueRow[]> {
  const { rows } = await db.raw(
    `select d.kind, d.what, d.due_at as "dueAt", ${owner} as account
     from (
       (select 'synchronization' as kind, s.local_account_id, '' as what, s.next_at as due_at
        from synchronization_schedules s join local_accounts a on a.id = s.local_account_id and a.state = 'registered'
        where s.next_at is not null order by s.next_at limit :limit)
       union all
       (select 'backup', 0, '', next_at from backup_schedule where next_at is not null)
       union all
       (select 'report', local_account_id, report, next_at from report_schedules order by next_at limit :limit)
       union all
       (select 'mail', local_account_id, subject, next_at from mails where next_at is not null order by next_at limit :limit)
     ) d left join local_accounts l on l.id = d.local_account_id
     order by d.due_at, d.kind limit :limit`,
    { limit },
  )
  return rows
}

/** The server's housekeeping by name, and when each was done last. */
export const listHousekeeping = (db: Db): Promise<{ name: string; doneAt: Date }[]> =>
  db('agenda').orderBy('name').select('name', 'done_at as doneAt')
