import { randomUUID } from 'node:crypto'
import type { ConversionResult } from '../../../wire/messages/conversion.ts'
import { mayPass, takeAnswer } from './effects.ts'
import { exchange } from './exchange.ts'
import { notRegistered, type Outcome, outcomeOf } from './outcome.ts'
import { replyData } from './registration.ts'
import type { Believed } from './reply.ts'
import type { Session } from './session.ts'
import type { Conversion, State, TraditionalLicense } from './state.ts'

export type Converted = { conversionId: string; results: ConversionResult[] }

/** A conversion that has not come to its end: without a poll to wait for, it is asked for under the same name. */
export const isOpen = (conversion: State['conversion']): conversion is Conversion => conversion !== null && conversion.endedAt === null

/**
 * DLC (5.5): asks for the conversion of traditional licenses, and for its results while the server asks to be polled. One that has not ended is
 * gone on with, whatever is asked for: `conversion_id` is on the disk before the message leaves, so that a crash or a lost answer starts no second.
 */
export async function convert(session: Session, licenses: readonly TraditionalLicense[]): Promise<Outcome<Converted>> {
  const { registration, conversion } = session.state
  if (!registration) return notRegistered
  if (!isOpen(conversion)) await session.change(begun(session.state, licenses, session.now()))
  return goOnConverting(session)
}

function begun({ traditional }: State, licenses: readonly TraditionalLicense[], startedAt: number): Partial<State> {
  const known = [...traditional]
  const lines = licenses.map(license => {
    const at = known.findIndex(each => isSame(each, license))
    return { line: at < 0 ? known.push(license) : at + 1, count: license.count }
  })
  return { traditional: known, conversion: { id: randomUUID(), startedAt, lines, results: null, endedAt: null, refusal: null } }
}

/** The same license keeps its line, so that the server knows what it has converted before. */
const isSame = (one: TraditionalLicense, other: TraditionalLicense) =>
  one.source === other.source && one.sku === other.sku && one.feature === other.feature && one.tag === other.tag

/** Sends the open conversion, or asks for its results. */
export async function goOnConverting(session: Session): Promise<Outcome<Converted>> {
  const { registration, conversion, waiting } = session.state
  if (!registration || !isOpen(conversion)) return notRegistered
  const { keyName } = registration
  const message =
    waiting?.action === 'conversion'
      ? { type: 'POLL' as const, data: { poll_id: waiting.pollId, action: waiting.action } }
      : { type: 'DLC' as const, data: requestOf(session, conversion) }
  return takeConversion(session, await exchange(session, { ...message, keyName, nameless: false }), keyName)
}

const requestOf = ({ state, identity }: Session, { id, lines }: Conversion) => ({
  conversion_id: id,
  conversions: lines.map(({ line, count }) => {
    const { source, sku, feature, tag } = state.traditional[line - 1]!
    return { line, source, sku, feature, count, tag, serial: identity.serialNumber, proof: null }
  }),
})

async function takeConversion(session: Session, believed: Believed, keyName: string): Promise<Outcome<Converted>> {
  const conversion = session.state.conversion as Conversion
  const { status, response_data } = believed.fields
  if (status === 'OK') {
    const { results } = replyData('DLC', believed)
    const ended = { ...conversion, results, endedAt: session.now() }
    await session.change({ conversion: ended, underWay: null, waiting: null, retry: null })
    return { result: 'done', conversionId: conversion.id, results }
  }
  const results = response_data === null ? conversion.results : replyData('DLC', believed).results
  const known = { ...conversion, results }
  const outcome = outcomeOf(believed.fields)
  // "Unknown poll: start again": the conversion stays open, and is asked for under its name.
  const isOver = outcome.result === 'refused' && !mayPass(outcome.code) && outcome.code !== 'UNKNOWN_POLL'
  const after = isOver ? { ...known, endedAt: session.now(), refusal: outcome.sentence } : known
  const kept = outcome.result === 'busy' ? { waiting: session.state.waiting } : {}
  return takeAnswer(session, believed, keyName, { conversion: after, ...kept })
}
