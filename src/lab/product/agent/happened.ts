import type { Attempt } from './state.ts'

/** An attempt and how it ended, with its moment as a date. */
export type Happened = { at: Date; succeeded: boolean; reason: string | null }

/** The attempt as people read it; null where there was none. */
export const happened = (attempt: Attempt | null): Happened | null => attempt && { ...attempt, at: new Date(attempt.at) }
