import type { Logger } from 'pino'
import type { CloudCarrier } from './cloud/carrier.ts'
import type { Config } from './config.ts'
import type { Authority } from './pki/authority.ts'
import type { SecretBox } from './pki/secretBox.ts'
import type { Clock } from './rules/clock.ts'
import type { Storage } from './storage/db.ts'

/** What every verb is given: the shelves, built once by the roof (server.ts). */
export type Context = {
  clock: Clock
  storage: Storage
  /** Seals and opens what must not be readable in the database. */
  secrets: SecretBox
  /** The keys and certificates that products are answered with. */
  authority: Authority
  /** Carries an exchange to the cloud over the network. */
  cloud: CloudCarrier
  log: Logger
  config: Config
}
