import { readFileSync } from 'node:fs'

/** The release that this server is, as the cloud, scripts and backups are told. */
export const serverVersion: string = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version
