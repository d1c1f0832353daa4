import { createHash } from 'node:crypto'
import type { Context } from '../context.ts'
import { later } from '../rules/clock.ts'
import { conversionsAtOnce } from '../rules/conversions.ts'
import { pollResultLife } from '../rules/lifetimes.ts'
import { refuseUnless } from '../rules/refusal.ts'
import {
  type Conversion,
  countConversions,
  findConversion,
  findPolledConversion,
  insertConversion,
  keepResults,
  listConvertedLines,
} from '../storage/conversions.ts'
import type { Db } from '../storage/db.ts'
import { recordEvent } from '../storage/events.ts'
import type { Sender } from '../storage/senders.ts'
import type { ConversionLine, ConversionRequest } from '../wire/messages/conversion.ts'
import { acknowledgeCertificates, hearFrom } from './acknowledgeRegistration.ts'
import { answerOnce, type Receipt } from './answerOnce.ts'
import { endConversions, waitForCloud } from './endConversions.ts'

/**
 * Keeps a product's wish to have its traditional licenses converted, until the cloud has decided: "deposits become real only when the
 * authority confirms them in a sync" (wire-device 5.5). Idempotent by `conversion_id`: who asks again gets the number of the same poll.
 * Refuses another wish under that name (MALFORMED), and a product that asks too often (TOO_MANY).
 */
export const convertLicenses = (
  context: Context,
  receipt: Receipt,
  { sender, request }: { sender: Sender; request: ConversionRequest },
  write: (pollId: number) => string,
): Promise<string> =>
  answerOnce(context, receipt, async tx => {
    const now = context.clock.now()
    await noteContact(tx, sender, now)
    return write((await keepConversion(tx, sender, request, now)).pollId)
  })

/** What a product that polls is told. Refuses with UNKNOWN_POLL a number that is not its own, or whose results were kept long enough. */
export const askForConversion = (
  context: Context,
  receipt: Receipt,
  { sender, pollId }: { sender: Sender; pollId: number },
  write: (conversion: Conversion) => string,
): Promise<string> =>
  answerOnce(context, receipt, async tx => {
    const now = context.clock.now()
    await noteContact(tx, sender, now)
    const { localAccountId, id: productInstanceId } = sender.instance
    const conversion = await findPolledConversion(tx, { localAccountId, productInstanceId, pollId }, now)
    refuseUnless(conversion, 'UNKNOWN_POLL', 'The poll is not known.', 'poll_id')
    return write(conversion)
  })

/** "Any later message with the new cert counts as the ack". */
async function noteContact(tx: Db, { instance, certificate }: Sender, now: Date): Promise<void> {
  const signed = { localAccountId: instance.localAccountId, productInstanceId: instance.id, certificateSerial: certificate.serial }
  await hearFrom(tx, [signed], now)
  if (certificate.state === 'unacknowledged') await acknowledgeCertificates(tx, [signed], now)
}

async function keepConversion(tx: Db, { instance }: Sender, request: ConversionRequest, now: Date): Promise<Conversion> {
  const { localAccountId, id: productInstanceId, name } = instance
  const key = { localAccountId, productInstanceId, conversionId: request.conversion_id }
  const requestHash = hashOf(request.conversions)
  const known = await findConversion(tx, key)
  if (known) return askedAgain(tx, known, requestHash, now)
  const recent = await countConversions(tx, key, now)
  const isMuch = recent.conversions >= conversionsAtOnce.conversions || recent.lines + request.conversions.length > conversionsAtOnce.lines
  refuseUnless(!isMuch, 'TOO_MANY', 'This product has asked for too many conversions.')
  const lines = await withFormerDecisions(tx, key, request.conversions)
  const isNew = await insertConversion(tx, { ...key, requestHash, name, requestedAt: now, lines })
  const kept = (await findConversion(tx, key))!
  if (!isNew) return askedAgain(tx, kept, requestHash, now)
  await tellOfWish(tx, instance, lines.length, now)
  if (lines.every(line => line.decided)) await endConversions(tx, localAccountId, now)
  else await waitForCloud(tx, localAccountId, now)
  return kept
}

const hashOf = (lines: ConversionLine[]): Buffer => createHash('sha256').update(JSON.stringify(lines)).digest()

/** The same wish again: its results, if they are there, are kept for another while. */
async function askedAgain(tx: Db, conversion: Conversion, requestHash: Buffer, now: Date): Promise<Conversion> {
  const isSame = conversion.requestHash.equals(requestHash)
  refuseUnless(isSame, 'MALFORMED', 'Is the name of another conversion of this product.', 'conversion_id')
  await keepResults(tx, conversion, later(now, pollResultLife))
  return conversion
}

/** "One successful DLC per instance and line": what the cloud has granted once needs no second question. */
async function withFormerDecisions(tx: Db, key: { localAccountId: number; productInstanceId: string }, lines: ConversionLine[]) {
  const former = await listConvertedLines(
    tx,
    key,
    lines.map(line => line.line),
  )
  const grantedBy = new Map(former.map(each => [each.line, each]))
  return lines.map(line => {
    const granted = grantedBy.get(line.line)
    if (!granted) return { ...line, decided: null }
    const { tag, count } = granted
    return { ...line, decided: { status: 'ALREADY_CONVERTED' as const, tag, count, message: 'This line was converted before.' } }
  })
}

const tellOfWish = (tx: Db, instance: Sender['instance'], count: number, now: Date) =>
  recordEvent(tx, {
    localAccountId: instance.localAccountId,
    localVirtualAccountId: instance.localVirtualAccountId,
    productInstanceId: instance.id,
    at: now,
    kind: 'conversion',
    message: `${instance.name} asks for the conversion of its traditional licenses: ${count} ${count === 1 ? 'line' : 'lines'}.`,
    who: instance.name,
  })
