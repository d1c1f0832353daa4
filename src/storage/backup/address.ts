import pg from 'pg'

/** The database that a PostgreSQL URL names. */
export const databaseOf = (connection: string): string => new pg.Client({ connectionString: connection }).database!

/** The same server, another database. */
export function onDatabase(connection: string, name: string): string {
  const [, server, query = ''] = /^([^:]+:\/\/[^/?]*)[^?]*(\?.*)?$/.exec(connection)!
  return `${server}/${encodeURIComponent(name)}${query}`
}

/** What of a URL's query libpq knows by an environment variable. */
const variables = { sslmode: 'PGSSLMODE', sslrootcert: 'PGSSLROOTCERT', sslcert: 'PGSSLCERT', sslkey: 'PGSSLKEY' }

/** How PostgreSQL's own programs are told where to connect: by their environment, because everybody may read what stands in a command line. */
export function environmentFor(connection: string): NodeJS.ProcessEnv {
  const { host, port, user, database, password } = new pg.Client({ connectionString: connection })
  const query = new URLSearchParams(connection.split('?')[1])
  const tls = Object.entries(variables).map(([name, variable]) => [variable, query.get(name) ?? process.env[variable]])
  return {
    PATH: '/usr/bin:/bin',
    HOME: process.env.HOME,
    LC_ALL: 'C',
    PGAPPNAME: 'quartermaster backup',
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: user,
    PGDATABASE: database,
    ...(password && { PGPASSWORD: String(password) }),
    ...Object.fromEntries(tls.filter(([, value]) => value)),
  }
}
