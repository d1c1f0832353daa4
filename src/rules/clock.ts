/** Where the time comes from: an argument of everything that asks it, so that a test can live a year in a second. */
export type Clock = { now(): Date }

export const second = 1000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour

/** `date` plus a number of milliseconds. */
export const later = (date: Date, milliseconds: number): Date => new Date(date.getTime() + milliseconds)

/** The day of a moment in UTC, as ISO 8601 writes it: 2026-03-01. */
export const isoDay = (date: Date): string => date.toISOString().slice(0, 10)

/** Whole days from `from` to `to`, rounded down. */
export const daysBetween = (from: Date, to: Date): number => Math.floor((to.getTime() - from.getTime()) / day)
