import { readPairStatus } from '../administration/pair/readPairStatus.ts'
import { pairWarnings } from '../rules/pair.ts'
import type { Visitor } from './visit.ts'

/** What every page of the Admin workspace says above everything else: that a failure now would not be covered. */
export function pairNotice({ context, now }: Visitor): string | undefined {
  const status = readPairStatus(context)
  const [worst] = status ? pairWarnings(status, now) : []
  return worst && worst.severity !== 'minor' ? worst.message : undefined
}
