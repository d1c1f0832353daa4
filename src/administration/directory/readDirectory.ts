import type { Context } from '../../context.ts'
import type { Directory } from '../../directory/failover.ts'
import { findDirectory } from '../../storage/directorySettings.ts'
import { listTrustedAuthorities } from '../../storage/trustedAuthorities.ts'

/** As what the password of the bind account is sealed. */
export const bindPassword = 'directory bind password'

/** The directory as it is set now, with its password and the trust store; undefined where none is. */
export async function readDirectory({ storage, secrets }: Pick<Context, 'storage' | 'secrets'>): Promise<Directory | undefined> {
  const stored = await findDirectory(storage.db)
  if (!stored) return undefined
  const authorities = await listTrustedAuthorities(storage.db)
  return {
    settings: stored.settings,
    bindPassword: stored.sealedPassword && secrets.open(stored.sealedPassword, bindPassword).toString('utf8'),
    authorities: authorities.map(({ certificate }) => certificate),
  }
}
