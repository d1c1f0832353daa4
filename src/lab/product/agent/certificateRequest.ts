import { certificateRequestOf } from './ownKeys.ts'
import type { Session } from './session.ts'

/** A certificate request for a key of the store. */
export const certificateRequestFor = async ({ store, identity }: Session, keyName: string): Promise<string> =>
  certificateRequestOf(await store.key(keyName), [
    ['CN', identity.pid],
    ['serialNumber', identity.serialNumber],
  ])
