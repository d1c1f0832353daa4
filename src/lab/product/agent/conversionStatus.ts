import type { ConversionStatus as LineStatus } from '../../../wire/messages/conversion.ts'
import type { State, TraditionalLicense } from './state.ts'

/** A traditional license of the last conversion, and what became of it; null before the server said anything. */
export type ConvertedLine = TraditionalLicense & {
  line: number
  status: LineStatus | null
  grantedTag: string | null
  granted: number
  message: string | null
}

/** The last conversion, as a product tells of it. */
export type ConversionStatus = {
  status: 'NOT STARTED' | 'IN PROGRESS' | 'COMPLETED' | 'FAILED'
  conversionId: string | null
  startedAt: Date | null
  endedAt: Date | null
  /** When the server is asked next, where it asked to be polled. */
  nextPoll: Date | null
  refusal: string | null
  lines: ConvertedLine[]
}

export function conversionStatusOf({ conversion, traditional, waiting }: State): ConversionStatus {
  return {
    status: wordOf(conversion),
    conversionId: conversion?.id ?? null,
    startedAt: conversion && new Date(conversion.startedAt),
    endedAt: conversion?.endedAt ? new Date(conversion.endedAt) : null,
    nextPoll: waiting?.action === 'conversion' ? new Date(waiting.at) : null,
    refusal: conversion?.refusal ?? null,
    lines: (conversion?.lines ?? []).map(({ line, count }) => {
      const result = conversion!.results?.find(each => each.line === line)
      const { status = null, tag: grantedTag = null, count: granted = 0, message = null } = result ?? {}
      return { ...traditional[line - 1]!, count, line, status, grantedTag, granted, message }
    }),
  }
}

function wordOf(conversion: State['conversion']): ConversionStatus['status'] {
  if (!conversion) return 'NOT STARTED'
  if (conversion.endedAt === null) return 'IN PROGRESS'
  return conversion.refusal === null ? 'COMPLETED' : 'FAILED'
}
