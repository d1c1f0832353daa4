import type { Knex } from 'knex'
import { openWebDoor } from '../../src/web/door.ts'
import { httpVisitor } from '../support/httpVisitor.ts'
import { castPassword } from '../support/people.ts'
import { administratorAt } from './administrator.ts'
import type { Place } from './place.ts'

type Query = { __knexQueryUid: string; sql: string }
type Asked = { statements: number; milliseconds: number; slowest: string }

/** The workspaces in this process, where the statements of a request can be counted: those of the session, which every page has, left out. */
export async function openCountingDoor(place: Place) {
  const { context } = place
  const door = await openWebDoor({ ...context, config: { ...context.config, hostNames: ['localhost'] } }, { port: 0, host: '127.0.0.1' })
  await administratorAt(place)
  const ada = httpVisitor(door.port)
  await ada.signIn('ada', castPassword)
  const count = watchStatements([context.storage.db, context.storage.pages])
  return {
    /** The statements of one request, and how long the database took for all of them. The first that is made of each kind is planned, and not counted. */
    async look(address: string, headers: Record<string, string>): Promise<Asked> {
      await ada.get(address, headers)
      count.begin()
      await ada.get(address, headers)
      return count.end()
    },
    close: door.close,
  }
}

function watchStatements(pools: Knex[]) {
  let asked = new Map<string, { sql: string; began: number; milliseconds: number }>()
  for (const pool of pools) {
    pool.on('query', ({ __knexQueryUid, sql }: Query) => {
      if (!/^(begin|commit|rollback|set )/i.test(sql) && !isOfTheSession(sql))
        asked.set(__knexQueryUid, { sql, began: performance.now(), milliseconds: 0 })
    })
    pool.on('query-response', (_response: unknown, { __knexQueryUid }: Query) => {
      const one = asked.get(__knexQueryUid)
      if (one) one.milliseconds = performance.now() - one.began
    })
  }
  return {
    begin() {
      asked = new Map()
    },
    end(): Asked {
      const all = [...asked.values()].sort((a, b) => b.milliseconds - a.milliseconds)
      const slowest = all[0]?.sql.replace(/\s+/g, ' ').slice(0, 160) ?? ''
      return { statements: all.length, milliseconds: all.reduce((sum, one) => sum + one.milliseconds, 0), slowest }
    },
  }
}

const isOfTheSession = (sql: string) => /\bsessions\b/.test(sql)
