import { readCertificate } from '../../../pki/certificate.ts'
import { makeRsaKey } from '../../../pki/keys.ts'
import type { Desk } from '../desk.ts'
import { findFaults, strikes } from '../faults.ts'
import { refuseUnless } from '../refusal.ts'
import { type Authorities, openAuthorities, rootCertificate } from '../store/authorities.ts'
import type { Db } from '../store/database.ts'
import { type OpenedRequest, openRequest } from './openRequest.ts'
import { register, type Submitter } from './register.ts'
import { synchronize } from './synchronize.ts'

/** A request as it came in. `expected` is what the door of the network that it came by takes; a person's upload may be either. */
export type Incoming = { file: Buffer; expected?: 'registration' | 'synchronization'; submitter: Submitter }

/** An answer, with the name a courier's file of it gets, and what it answers. */
export type Answer = { response: string; fileName: string; request: OpenedRequest['payload'] }

/**
 * Takes a request, whoever carried it, and gives the response: "One code path for online and offline; the file is the truth". All that it
 * changes, and the answer, are one transaction. Refuses with the codes of 7.5.
 */
export async function receive({ database, clock, copies }: Desk, { file, expected, submitter }: Incoming): Promise<Answer> {
  const now = new Date(clock.now().getTime() + findFaults(database.read).wrongClockHours * 3_600_000)
  const request = await openRequest(file, readCertificate(rootCertificate(database.read)), now)
  const { payload } = request
  const isRegistration = payload.type === 'registration-request'
  const fits = expected === undefined || (expected === 'registration') === isRegistration
  refuseUnless(fits, 'WRONG_TYPE', 'This is not the place for this kind of request.')
  const prefix = `${payload.local_account_name}-${payload.sequence}`
  copies.keep(`${prefix}.${payload.type}.json`, file)
  const response = await database.write(async db => {
    const authorities = await withFaults(db, await openAuthorities(db, now))
    return isRegistration
      ? register(db, authorities, { ...request, payload }, submitter, now)
      : synchronize(db, authorities, { ...request, payload, carrier: expected ? 'network' : 'file' }, now)
  })
  const fileName = copies.nameOf(`${prefix}.${isRegistration ? 'registration-response' : 'sync-response'}.json`)
  copies.keep(fileName, Buffer.from(response))
  return { response, fileName, request: payload }
}

/** "sign with the wrong key": the certificates are the cloud's, the signature is not. */
async function withFaults(db: Db, authorities: Authorities): Promise<Authorities> {
  if (!strikes(db, 'wrongKey')) return authorities
  return { ...authorities, signer: { ...authorities.signer, privateKey: (await makeRsaKey()).privateKey } }
}
