import type { Context } from '../../context.ts'
import { makeCertificateRequest } from '../../pki/certificateRequest.ts'
import { makeP256Key, privateKeyPem, readPrivateKey } from '../../pki/keys.ts'
import type { Person } from '../../rules/roles.ts'
import { findSetting, putSetting } from '../../storage/settings.ts'

/** Where the key waits, sealed, until the certificate for it is brought. */
const waiting = 'browser certificate request'

/**
 * Makes a key for 8443, and the request that an authority answers with a certificate for it. The key never leaves the database in clear; a new
 * request takes the place of one that nobody answered.
 */
export async function requestBrowserCertificate(context: Context, who: Person): Promise<{ request: string; hosts: string[] }> {
  const [first = 'localhost', ...others] = context.config.hostNames
  const key = await makeP256Key()
  const request = await makeCertificateRequest(key, [['CN', first]], { hosts: [first, ...others] })
  await putSetting(context.storage.db, {
    name: waiting,
    value: { request },
    secret: context.secrets.seal(privateKeyPem(key.privateKey), waiting),
    changedAt: context.clock.now(),
    changedBy: who.name,
  })
  return { request, hosts: [first, ...others] }
}

/** The key that waits for its certificate, if one does. */
export async function waitingKey({ storage, secrets }: Context) {
  const found = await findSetting(storage.db, waiting)
  return found?.secret ? readPrivateKey(secrets.open(found.secret, waiting).toString()) : undefined
}
