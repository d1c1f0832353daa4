import type { ExchangeKind } from '../rules/exchanges.ts'
import { Refusal, refuseUnless } from '../rules/refusal.ts'
import { LARGEST_FILE } from '../wire/container/format.ts'

/**
 * The courier: what carries an exchange where no network does. The same containers as by network, as files with a person between them. This is
 * the doors' side of it: how a file is called, and how one is taken in.
 */

/** "suggested names `<account>-<seq>.sync-request.json` / `.sync-response.json` (and `registration-*`)", in letters that every disk takes. */
export function fileNameOf(
  account: { name: string },
  exchange: { kind: ExchangeKind; sequence: number },
  file: 'request' | 'response',
): string {
  const name = account.name
    .normalize('NFKC')
    .replace(/[^\p{L}\p{N}.-]+/gu, '-')
    .replace(/^[.-]+/, '')
  return `${name || 'account'}-${exchange.sequence}.${exchange.kind === 'registration' ? 'registration' : 'sync'}-${file}.json`
}

/** So many files are taken in at once: each stands in memory whole while its signature is checked. */
const filesAtOnce = 2
let takenIn = 0

/** Takes in a file as its bytes come. Refuses it as soon as it is larger than 64 MiB, and a third one while two are on their way. */
export async function readFile(stream: AsyncIterable<Buffer>, largest = LARGEST_FILE): Promise<Buffer> {
  refuseUnless(takenIn < filesAtOnce, 'TOO_MANY', 'Other files are being uploaded at this moment. Try again in a minute.')
  takenIn++
  try {
    const parts: Buffer[] = []
    let bytes = 0
    for await (const part of stream) {
      bytes += part.length
      if (bytes > largest) throw new Refusal('FILE_TOO_LARGE', `The file is larger than ${Math.floor(largest / 1024 / 1024)} MiB.`)
      parts.push(part)
    }
    return Buffer.concat(parts)
  } finally {
    takenIn--
  }
}
