/**
 * Whether an error says that the database is gone, full or ending (SQLSTATE 08, 53, 57, 58), or that there was no connection to be had or kept.
 * What was being committed then may be done or not: nobody here can know.
 */
export function isOutage(error: unknown): boolean {
  const { code, name, message } = error as { code?: unknown; name?: unknown; message?: unknown }
  if (name === 'KnexTimeoutError' || (typeof message === 'string' && lostConnection.test(message))) return true
  return typeof code === 'string' && /^(08|53|57|58|E[A-Z]{3})/.test(code)
}

/** A connection that ends under a statement has no code of its own in pg, and knex puts the statement before the sentence. */
const lostConnection = /(^|- )(Connection terminated|Client has encountered a connection error)/
