import { createHash } from 'node:crypto'
import type { Entitlement } from './entitlements.ts'

function digest(lines: string[]): string {
  const sorted = lines.some(hasLastUnits) ? lines.sort(byUtf8) : lines.sort()
  return createHash('sha256')
    .update(sorted.map(line => `${line}\n`).join(''))
    .digest('hex')
}

/** Strings sort by UTF-16 units; the bytes of UTF-8 sort the same up to U+D7FF, where the surrogates begin. */
const hasLastUnits = (line: string) => /[\ud800-\uffff]/.test(line)
const byUtf8 = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

/**
 * `usage_digest` of 7.3: SHA-256 over the sorted UTF-8 lines `t|<tag>|<in_use>` and `p|<piid>`, each ended by a line feed. Both sides
 * make it, over the usage of the request and all product instances of the account.
 */
export function usageDigest(usage: readonly { tag: string; in_use: number }[], piids: readonly string[]): string {
  return digest([...usage.map(({ tag, in_use }) => `t|${tag}|${in_use}`), ...piids.map(piid => `p|${piid}`)])
}

type Weighed = Pick<Entitlement, 'license_id' | 'tag' | 'license_type' | 'quantity' | 'start_date' | 'end_date' | 'export_restricted'>

/**
 * `entitlements_digest` of 7.3: SHA-256 over the sorted UTF-8 lines
 * `e|<license_id>|<tag>|<license_type>|<quantity>|<start_date>|<end_date>|<export_restricted>`, each ended by a line feed; a date that is
 * null is empty. It holds what compliance rests on and leaves out what is for people.
 */
export function entitlementsDigest(entitlements: readonly Weighed[]): string {
  return digest(
    entitlements.map(each =>
      [
        'e',
        each.license_id,
        each.tag,
        each.license_type,
        each.quantity,
        each.start_date ?? '',
        each.end_date ?? '',
        each.export_restricted,
      ].join('|'),
    ),
  )
}
