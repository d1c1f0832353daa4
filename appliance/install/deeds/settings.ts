import { randomBytes } from 'node:crypto'
import { type Deed, file } from '../deed.ts'
import { exists, type Host, isOwnedAs, put, read, remove } from '../host.ts'

const settingsFile = '/etc/quartermaster/settings.env'
const keyFile = '/etc/quartermaster/keys/server.key'

/** What an appliance needs beside the defaults. An operator's other lines stay. */
const wanted: Record<string, string> = {
  DATABASE_URL: 'postgresql://quartermaster@/quartermaster?host=/run/postgresql',
  QUARTERMASTER_DATA: '/var/lib/quartermaster',
  QUARTERMASTER_SERVER_KEY: keyFile,
  QUARTERMASTER_DEVICE_HTTP_PORT: '80',
  QUARTERMASTER_DEVICE_HTTPS_PORT: '443',
}

/** "FIPS-approved algorithms only", in the STIG profile. */
const wantedBy = ({ profile }: Pick<Host, 'profile'>) => ({ ...wanted, ...(profile === 'stig' && { QUARTERMASTER_FIPS: '1' }) })

const names = (text: string) => text.split('\n').map(line => line.split('=')[0]!.trim())
const lacking = (host: Host, text: string) => Object.entries(wantedBy(host)).filter(([name]) => !names(text).includes(name))
const heading = '# The settings of Quartermaster; "server --help" explains them. The server reads them when it starts.\n'

export const settings: Deed[] = [
  file('The profile is written down for everything that asks.', '/etc/quartermaster/profile', (_former, { profile }) => `${profile}\n`),
  {
    sentence: 'The settings name the database, the folders, the key and the ports.',
    holdsData: true,
    isDone: host =>
      lacking(host, read(host, settingsFile) ?? '').length === 0 && isOwnedAs(host, settingsFile, 'root:quartermaster', 0o640),
    do(host) {
      const present = read(host, settingsFile) ?? heading
      const lines = lacking(host, present).map(([name, value]) => `${name}=${value}\n`)
      put(host, settingsFile, `${present}${lines.join('')}`, 'root:quartermaster', 0o640)
    },
    undo: host => remove(host, settingsFile),
  },
  {
    sentence: 'The server key, which seals what the database may not show, is made.',
    onlyHere: true,
    holdsData: true,
    isDone: host => exists(host, keyFile),
    do: host => put(host, keyFile, randomBytes(32), 'quartermaster:quartermaster', 0o600),
    undo: host => remove(host, keyFile),
  },
]
