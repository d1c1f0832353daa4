import type pg from 'pg'

/**
 * What was being committed may be done or not, and nobody here can know: the standby has not confirmed it within the time there is, or somebody has
 * ended the wait. Its code is SQLSTATE's own for this, transaction_resolution_unknown.
 */
export class OutcomeUnknown extends Error {
  readonly code = '08007'
  constructor(why: string) {
    super(`It is not known whether this was committed: ${why}.`)
  }
}

export const isOutcomeUnknown = (error: unknown): boolean => (error as { code?: unknown }).code === '08007'

/** The commits of a pool that are under way. */
export type Commits = {
  /** Has the statements of a new connection watched. */
  watch(client: pg.Client): void
  /** Kept when the database has answered all that this connection was asked. */
  quiet(client: pg.Client): Promise<void>
  /** Milliseconds that the oldest commit has waited for by now; 0 when there is none. */
  oldest(): number
  /** Waits for no answer any more: the connections end as they are. */
  abandon(): void
}

const opens = /^\s*(begin|start transaction)\b/i
const closes = /^\s*(commit|end|rollback(?!\s+to)|abort)\b/i
const commits = /^\s*(commit|end)\b/i
const writes = /^\s*(insert|update|delete|merge|truncate|create|alter|drop|with\b[\s\S]*\b(insert|update|delete|merge))\b/i

type Callback = (error: Error | null | undefined, result?: unknown) => void
type Query = (config: { text: string }, callback: Callback) => unknown

/**
 * Watches what pools commit. "Never send a cancel; own deadline per commit (outcome 'unknown'); treat that WARNING as failure": a commit that is
 * cancelled while it waits for the standby is reported as done though no other machine has it. So whoever waits longer than `patience` milliseconds
 * is told that nobody knows, and the commit itself is left alone: its connection is given back when the database has answered, which also keeps those
 * that wait from becoming more than the pool has.
 */
export function watchCommits(patience: number): Commits {
  const owed = new Map<pg.Client, { answered: Promise<void>; abandon(): void }>()
  const since = new Set<{ at: number }>()

  function watch(client: pg.Client): void {
    const query = client.query.bind(client) as unknown as Query
    let inTransaction = false
    let alone = false
    // Known by the routine that says it, because the words are in the language of the database.
    client.on('notice', ({ routine }) => {
      if (routine === 'SyncRepWaitForLSN') alone = true
    })
    const watched: Query = (config, callback) => {
      const { text } = config
      const isCommit = inTransaction ? commits.test(text) : writes.test(text)
      inTransaction = opens.test(text) || (inTransaction && !closes.test(text))
      if (!isCommit) return query(config, callback)
      alone = false
      return query(
        config,
        underDeadline(client, (error, result) => callback(error ?? (alone ? withoutStandby() : error), result)),
      )
    }
    client.query = ((config: unknown, callback: unknown) =>
      typeof callback === 'function' && typeof (config as { text?: unknown }).text === 'string'
        ? watched(config as { text: string }, callback as Callback)
        : query(config as never, callback as never)) as never
  }

  /** Calls back once: with the answer, or without when it takes too long. */
  function underDeadline(client: pg.Client, callback: Callback): Callback {
    const wait = { at: performance.now() }
    since.add(wait)
    let isLate = false
    let settle!: () => void
    const answered = new Promise<void>(resolve => {
      settle = resolve
    })
    const timer = setTimeout(() => {
      isLate = true
      owed.set(client, { answered, abandon: settle })
      callback(new OutcomeUnknown(`the database has not confirmed it within ${patience / 1000} s`))
    }, patience)
    return (error, result) => {
      clearTimeout(timer)
      since.delete(wait)
      owed.delete(client)
      settle()
      if (!isLate) callback(error, result)
    }
  }

  return {
    watch,
    quiet: async client => owed.get(client)?.answered,
    oldest: () => Math.max(0, ...[...since].map(({ at }) => performance.now() - at)),
    abandon: () => {
      for (const { abandon } of owed.values()) abandon()
    },
  }
}

const withoutStandby = () => new OutcomeUnknown('the wait for the standby was ended, and this node alone has it')
