import { later } from '../rules/clock.ts'
import { conversionSentence, conversionsGather } from '../rules/conversions.ts'
import { pollResultLife } from '../rules/lifetimes.ts'
import { grouped } from '../rules/words.ts'
import { clearAlert, raiseAlert } from '../storage/alerts.ts'
import { decideConversionLines, finishConversions, hasConversionClaims } from '../storage/conversionClaims.ts'
import type { Db } from '../storage/db.ts'
import { recordEvents } from '../storage/events.ts'
import { bringSynchronizationForward } from '../storage/synchronizationSchedules.ts'
import type { ConversionDecision } from '../wire/exchange/conversions.ts'

const waiting = { kind: 'conversion waits', subject: 'cloud' }

/** A product waits for the cloud's word: what is planned for its account comes soon ("followed up without a person"), and people are told. */
export async function waitForCloud(tx: Db, localAccountId: number, now: Date): Promise<void> {
  await bringSynchronizationForward(tx, localAccountId, later(now, conversionsGather))
  await raiseAlert(tx, {
    ...waiting,
    localAccountId,
    severity: 'info',
    source: 'Conversion',
    message: 'Products wait for the conversion of their traditional licenses.',
    action: 'Synchronize this Local Account: the cloud decides on conversions then.',
    at: now,
  })
}

/**
 * Applies what the cloud decided, in the transaction of the synchronization that also brings the deposits as entitlements, and ends the
 * conversions that have nothing left to wait for. Others may still wait: they came after the request was made.
 */
export async function applyConversionDecisions(tx: Db, localAccountId: number, decisions: ConversionDecision[], now: Date): Promise<void> {
  if (decisions.length > 0) {
    await decideConversionLines(tx, localAccountId, decisions, now)
    await endConversions(tx, localAccountId, now)
    await tellOfRefused(tx, localAccountId, decisions, now)
  }
  if (await hasConversionClaims(tx, localAccountId)) await waitForCloud(tx, localAccountId, now)
  else await clearAlert(tx, { ...waiting, localAccountId }, now)
}

/** Ends the conversions of an account whose every line is decided, with an event for each. */
export async function endConversions(tx: Db, localAccountId: number, now: Date): Promise<void> {
  const finished = await finishConversions(tx, localAccountId, { at: now, until: later(now, pollResultLife) })
  await recordEvents(
    tx,
    finished.map(conversion => ({
      localAccountId,
      localVirtualAccountId: conversion.localVirtualAccountId ?? undefined,
      productInstanceId: conversion.productInstanceId,
      at: now,
      kind: 'conversion' as const,
      message: conversionSentence(conversion.name, conversion),
      who: 'the server',
    })),
  )
}

/** "conversion finished or refused": an alert while the last decisions had a refusal among them. */
async function tellOfRefused(tx: Db, localAccountId: number, decisions: ConversionDecision[], now: Date): Promise<void> {
  const alert = { localAccountId, kind: 'conversion refused', subject: 'cloud' }
  const refused = decisions.filter(decision => decision.status === 'NOT_ELIGIBLE').length
  if (refused === 0) return clearAlert(tx, alert, now)
  await raiseAlert(tx, {
    ...alert,
    severity: 'minor',
    source: 'Conversion',
    message: `The cloud does not convert ${grouped(refused)} ${refused === 1 ? 'line' : 'lines'} of traditional licenses.`,
    action: 'The products can say which. Ask the vendor, or keep the traditional licenses.',
    at: now,
  })
}
