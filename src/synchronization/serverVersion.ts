import { readFileSync } from 'node:fs'

/** The release that this server is, as `server_version` tells the cloud. */
export const serverVersion: string = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version
