import { productName } from '../../../wire/udi.ts'
import type { ConversionStatus, ConvertedLine } from '../agent/conversionStatus.ts'
import { moment, section } from './text.ts'

/** The section `License Conversion:` of `show license status` and `all`. */
export const conversionSection = ({ status, startedAt, endedAt, nextPoll, refusal, lines }: ConversionStatus): string =>
  section('License Conversion:', [
    'Automatic Conversion Enabled: False',
    `Status: ${words[status]}${endedAt ? ` on ${moment(endedAt)}` : startedAt ? `, started on ${moment(startedAt)}` : ''}`,
    nextPoll ? `Next Poll: ${moment(nextPoll)}` : undefined,
    refusal ? `Failure reason: ${refusal}` : undefined,
    ...lines.map(conversionLine),
  ])

const words: Record<ConversionStatus['status'], string> = {
  'NOT STARTED': 'Not started',
  'IN PROGRESS': 'IN PROGRESS',
  COMPLETED: 'COMPLETED',
  FAILED: 'FAILED',
}

/** A traditional license and what became of it: `PAK EX-THR-10G, 2: CONVERTED, 20 of THROUGHPUT-1G`. */
export function conversionLine({ source, sku, feature, tag, count, status, grantedTag, granted, message }: ConvertedLine): string {
  const name = [sku ?? (tag && nameOf(tag)), feature && `(${feature})`].filter(Boolean).join(' ')
  const became = grantedTag ? `, ${granted} of ${nameOf(grantedTag)}` : ''
  return `${source} ${name}, ${count}: ${status ?? 'NOT ANSWERED'}${became}${message ? `. ${message}` : ''}`
}

const nameOf = (tag: string) => productName(tag) || tag
