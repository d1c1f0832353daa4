import { randomBytes } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { putFile } from '../../src/files.ts'
import { makeFolder } from '../../src/folders.ts'
import { refuseUnless } from '../../src/rules/refusal.ts'
import type { Caller } from '../actions/action.ts'
import { type JobRecord, jobRecord } from '../actions/jobRecord.ts'
import type { Progress } from '../actions/machine.ts'
import type { Outcome } from './protocol.ts'

type Running = { record: JobRecord; last: Progress; told: EventEmitter<{ progress: [Progress]; ended: [Outcome] }> }

/** So many are kept for `job list`. */
const kept = 50
const idPattern = /^[a-z\d-]{1,40}$/

/** The jobs of this machine: those that run, in memory, and a file for each, so that an outcome can be asked for later. */
export type Jobs = {
  start(action: string, caller: Caller, work: (tell: (progress: Progress) => void) => Promise<Outcome>): string
  list(caller: Caller): JobRecord[]
  attach(id: string, caller: Caller, tell: (progress: Progress) => void, signal: AbortSignal): Promise<Outcome>
}

/**
 * "Long work … runs as a job; the console attaches to it again": opens the folder where jobs are recorded. Those that a former helper left running
 * are told as lost: whoever started them looks at what they came to.
 */
export function openJobs(folder: string, now: () => Date): Jobs {
  makeFolder(folder)
  const running = new Map<string, Running>()
  const fileOf = (id: string) => join(folder, `${id}.json`)
  const write = (record: JobRecord) => putFile(fileOf(record.id), `${JSON.stringify(record)}\n`)
  const records = () => readdirSync(folder).flatMap(name => (name.endsWith('.json') ? readRecord(join(folder, name)) : []))
  const newestFirst = () => records().sort((a, b) => b.startedAt.localeCompare(a.startedAt))
  for (const record of records())
    if (record.state === 'running') write({ ...record, state: 'lost', endedAt: now().toISOString(), step: 'the helper ended meanwhile' })

  const mayBeSeen = (record: JobRecord, caller: Caller) => caller === 'console' || record.caller === caller

  return {
    start(action, caller, work) {
      const id = `${now().toISOString().slice(0, 19).replace(/\D/g, '')}-${randomBytes(3).toString('hex')}`
      const record: JobRecord = {
        id,
        action,
        caller,
        startedAt: now().toISOString(),
        endedAt: null,
        state: 'running',
        step: 'starting',
        outcome: null,
      }
      write(record)
      for (const old of newestFirst().slice(kept)) if (old.state !== 'running') rmSync(fileOf(old.id), { force: true })
      const job: Running = { record, last: { step: record.step }, told: new EventEmitter() }
      job.told.setMaxListeners(0)
      running.set(id, job)
      const tell = (progress: Progress) => {
        if ('step' in progress) {
          record.step = progress.step
          job.last = progress
        }
        job.told.emit('progress', progress)
      }
      void work(tell).then(outcome => {
        running.delete(id)
        Object.assign(record, { ...recordOf(outcome), endedAt: now().toISOString() })
        write(record)
        job.told.emit('ended', outcome)
      })
      return id
    },
    list: caller => newestFirst().flatMap(each => (mayBeSeen(each, caller) ? [running.get(each.id)?.record ?? each] : [])),
    async attach(id, caller, tell, signal) {
      refuseUnless(idPattern.test(id), 'NOT_FOUND', 'There is no such job. "job list" shows them.', 'id')
      const job = running.get(id)
      const record = job?.record ?? readRecord(fileOf(id))[0]
      refuseUnless(record && mayBeSeen(record, caller), 'NOT_FOUND', 'There is no such job. "job list" shows them.', 'id')
      if (!job) return outcomeOf(record)
      tell(job.last)
      job.told.on('progress', tell)
      try {
        const [outcome] = await once(job.told, 'ended', { signal })
        return outcome
      } finally {
        job.told.off('progress', tell)
      }
    },
  }
}

function readRecord(file: string): JobRecord[] {
  try {
    return [jobRecord.parse(JSON.parse(readFileSync(file, 'utf8')))]
  } catch {
    // Deleted meanwhile, or not one of ours.
    return []
  }
}

function recordOf(outcome: Outcome): Pick<JobRecord, 'state' | 'outcome' | 'step'> {
  if ('answer' in outcome) return { state: 'done', outcome: outcome.answer ?? null, step: 'done' }
  if ('refusal' in outcome) return { state: 'refused', outcome: outcome.refusal.sentence, step: 'refused' }
  return { state: 'failed', outcome: outcome.fault, step: 'failed' }
}

function outcomeOf({ state, outcome, step }: JobRecord): Outcome {
  if (state === 'done') return { answer: outcome }
  const sentence = typeof outcome === 'string' ? outcome : `This job is lost: ${step}. Look at what it came to, and start it again.`
  return { refusal: { code: 'CONFLICT', sentence } }
}
