import { address, cloudUrl, databaseUrl, hostNames, type Kind, logLevel, path, port, processes, yesNo } from './kinds.ts'

/** One setting: its variable, what it means, what it takes, and its default in words for people. */
export type Setting<T> = Kind<T> & { variable: string; meaning: string; default: string }

const setting = <T>(variable: string, kind: Kind<T>, preset: string, meaning: string): Setting<T> => ({
  ...kind,
  variable,
  meaning,
  default: preset,
})

/** Every setting, in the order of `server --help`. The values of the defaults are in config.ts. */
export const settings = {
  dataFolder: setting('QUARTERMASTER_DATA', path, 'var', 'the folder for everything it keeps'),
  databaseUrl: setting('DATABASE_URL', databaseUrl, 'a database of its own in the data folder', 'the PostgreSQL database, 15 or newer'),
  postgresBinaries: setting(
    'QUARTERMASTER_POSTGRES_BIN',
    path,
    'the newest found',
    "the folder of PostgreSQL's programs, for a database of its own",
  ),
  httpsPort: setting('QUARTERMASTER_HTTPS_PORT', port, '8443', 'the port of the workspaces and of the API'),
  deviceHttpPort: setting('QUARTERMASTER_DEVICE_HTTP_PORT', port, '80, without root 8080', 'the port on which products report without TLS'),
  deviceHttpsPort: setting('QUARTERMASTER_DEVICE_HTTPS_PORT', port, '443, without root 9443', 'the port on which products report over TLS'),
  deviceProcesses: setting(
    'QUARTERMASTER_DEVICE_PROCESSES',
    processes,
    'one less than the machine has cores, at least 1',
    'how many processes serve products, beside the one of the workspaces',
  ),
  listenAddress: setting('QUARTERMASTER_LISTEN', address, '::', 'the address on which it listens'),
  hostNames: setting(
    'QUARTERMASTER_HOST_NAMES',
    hostNames,
    "the machine's name, localhost",
    'the names in its TLS certificates, the public one first',
  ),
  serverKeyFile: setting(
    'QUARTERMASTER_SERVER_KEY',
    path,
    'server/server.key in the data folder',
    'the key that seals what the database may not show',
  ),
  backupsFolder: setting('QUARTERMASTER_BACKUPS', path, 'backups in the data folder', 'the folder for its backups'),
  helperSocket: setting(
    'QUARTERMASTER_HELPER',
    path,
    '/run/quartermaster/server.sock',
    'where it asks the root helper of the appliance; where nothing is there, this is no appliance',
  ),
  pairStatusFile: setting(
    'QUARTERMASTER_PAIR_STATUS',
    path,
    '/run/quartermaster-ha/status.json',
    'the file in which the agent of a pair says how it is',
  ),
  licensingRootFile: setting(
    'QUARTERMASTER_LICENSING_ROOT',
    path,
    'none',
    'the licensing root that the cloud and products must lead to, in PEM',
  ),
  cloudUrl: setting('QUARTERMASTER_CLOUD_URL', cloudUrl, 'none', 'the base address of the cloud, for sign-on and interface both'),
  cloudCaFile: setting('QUARTERMASTER_CLOUD_CA', path, 'none', "certificates to trust for the cloud's TLS beside the usual ones, in PEM"),
  logLevel: setting('QUARTERMASTER_LOG_LEVEL', logLevel, 'info', 'how much it writes to its log'),
  fips: setting(
    'QUARTERMASTER_FIPS',
    yesNo,
    '0',
    'whether it uses FIPS-approved algorithms alone; backups are then locked by PBKDF2 and not by argon2id',
  ),
  inwardWebhooks: setting(
    'QUARTERMASTER_WEBHOOKS_INWARD',
    yesNo,
    '0',
    'whether webhooks may be on this machine, on its link, or where clouds keep secrets for their machines',
  ),
  laboratory: setting('QUARTERMASTER_LABORATORY', yesNo, '0', 'whether this is a laboratory, whose clock may be moved'),
  labClockFile: setting('QUARTERMASTER_LAB_CLOCK', path, 'none', 'laboratory only: a file with the milliseconds to add to the time'),
  exchangesFolder: setting(
    'QUARTERMASTER_EXCHANGES',
    path,
    'none',
    'laboratory only: a folder for copies of what goes to the cloud and comes back',
  ),
}

/** Where else settings may stand. */
export const configFile = {
  variable: 'QUARTERMASTER_CONFIG',
  meaning: 'a file of these settings, NAME=value a line; the environment wins over it',
  default: 'none',
}
