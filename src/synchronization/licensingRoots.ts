import { readFileSync } from 'node:fs'
import type { Config } from '../config.ts'
import { type Certificate, readCertificate, splitBundle } from '../pki/certificate.ts'
import { refuseUnless } from '../rules/refusal.ts'

/**
 * The roots that the cloud's files and certificates must lead to: "`x5c` must chain to the pinned root". Read at each exchange, so that a
 * root that is put in place counts at once. Refuses while none is set.
 */
export function licensingRoots(config: Pick<Config, 'licensingRootFile'>): Certificate[] {
  const file = config.licensingRootFile
  refuseUnless(file, 'INVALID', 'No licensing root is set. Name its file in QUARTERMASTER_LICENSING_ROOT and start the server again.')
  const roots = splitBundle(readFileSync(file, 'utf8')).map(readCertificate)
  refuseUnless(roots.length > 0, 'INVALID', `The file ${file} has no certificate in it; it should hold the licensing root in PEM.`)
  return roots
}
