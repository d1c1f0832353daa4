import { existsSync, readFileSync } from 'node:fs'
import { type Config, givenSettings } from '../../config.ts'

/** The files that a backup carries beside the database, by the names of their entries. Certificates and keys of TLS are in the database, sealed. */
export const carriedNames = ['server.key', 'licensing-root.pem', 'cloud-ca.pem', 'settings.env'] as const
export type CarriedName = (typeof carriedNames)[number]

/** Where each stands on this machine; settings are the machine's own, and stand in no one place. */
export const placeOf = (config: Config): Record<CarriedName, string | undefined> => ({
  'server.key': config.serverKeyFile,
  'licensing-root.pem': config.licensingRootFile,
  'cloud-ca.pem': config.cloudCaFile,
  'settings.env': undefined,
})

/** What there is to carry. */
export function listCarried(config: Config): { name: CarriedName; bytes: Buffer }[] {
  const places = placeOf(config)
  const files = carriedNames.flatMap(name => {
    const place = places[name]
    return place && existsSync(place) ? [{ name, bytes: readFileSync(place) }] : []
  })
  return [...files, { name: 'settings.env', bytes: Buffer.from(settingsText()) }]
}

/** The settings of this server, wherever they came from, in the form of their file; without the database's address, which has a password. */
const settingsText = () =>
  Object.entries(givenSettings())
    .filter(([name]) => name !== 'DATABASE_URL')
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
