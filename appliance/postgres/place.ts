/** Where a node's PostgreSQL stands. Its settings lie outside the data, so that neither a rewind nor a base copy touches them. */
export type DatabasePlace = {
  /** The programs: /usr/lib/postgresql/15/bin. */
  programs: string
  data: string
  /** postgresql.conf and conf.d: /etc/postgresql/15/quartermaster. */
  settings: string
  socket: string
  port: number
  /** The system's user that it runs as. */
  user: string
}

/** The cluster that the installer makes. */
export const appliancePlace: DatabasePlace = {
  programs: '/usr/lib/postgresql/15/bin',
  data: '/var/lib/postgresql/15/quartermaster',
  settings: '/etc/postgresql/15/quartermaster',
  socket: '/run/postgresql',
  port: 5432,
  user: 'postgres',
}
