import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Folders } from './machine.ts'

/** The release that this file is of. */
const code = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

/** Where things stand on an appliance; below `root`, for tests. */
export function applianceFolders(root = ''): Folders {
  const data = `${root}/var/lib/quartermaster`
  return {
    settings: `${root}/etc/quartermaster`,
    data,
    releases: `${root}/opt/quartermaster`,
    code,
    backups: join(data, 'backups'),
    patches: join(data, 'patches'),
    jobs: join(data, 'jobs'),
    console: join(data, 'console'),
    host: `${root}/etc`,
    volatile: `${root}/run`,
    authorizedKeys: `${root}/etc/ssh/authorized_keys`,
  }
}

/** Where things stand on a laptop, where there is no appliance beneath: all in the data folder of the server. */
export function laptopFolders(data = process.env.QUARTERMASTER_DATA || join(process.cwd(), 'var')): Folders {
  return {
    settings: data,
    data,
    releases: data,
    code,
    backups: process.env.QUARTERMASTER_BACKUPS || join(data, 'backups'),
    patches: join(data, 'patches'),
    jobs: join(data, 'jobs'),
    console: join(data, 'console'),
    host: join(data, 'host'),
    volatile: join(data, 'volatile'),
    authorizedKeys: join(data, 'console'),
  }
}
