import { isTag } from '../../../wire/udi.ts'
import { UsageError } from './command.ts'
import type { Laboratory } from './laboratory.ts'

/** A tag in full, or by the short name the laboratory has for it. Throws UsageError for anything else. */
export function tagFrom(text: string, laboratory: Laboratory | undefined): string {
  const short = laboratory?.tags[text]
  if (short !== undefined) return short
  if (isTag(text)) return text
  const known = Object.keys(laboratory?.tags ?? {})
  const others = known.length > 0 ? `, or one of ${known.join(', ')}` : '; short names are known while a laboratory runs'
  throw new UsageError(`'${text}' is no tag: give one such as regid.2020-01.com.example.NAME,1.0_<uuid>${others}.`)
}
