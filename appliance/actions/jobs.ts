import { z } from 'zod'
import { action, profiles } from './action.ts'

export const listJobs = action({
  name: 'job list',
  subject: 'jobs',
  sentence: 'What was started as a job, and what came of it',
  input: z.strictObject({}),
  profiles,
  callers: ['console', 'server'],
  anywhere: true,
  run: async (_input, machine) => ({
    jobs: machine.jobs
      .list()
      .map(({ id, action: name, state, step, startedAt, endedAt }) => ({ id, command: name, state, step, startedAt, endedAt })),
  }),
})

export const attachToJob = action({
  name: 'job attach',
  subject: 'jobs',
  sentence: 'Look on at a job again, or see what came of it',
  input: z.strictObject({
    id: z
      .string()
      .max(40)
      .describe('which job')
      .meta({ names: ['job'] }),
  }),
  positionals: ['id'],
  profiles,
  callers: ['console', 'server'],
  anywhere: true,
  run: ({ id }, machine) => machine.jobs.attach(id),
})
