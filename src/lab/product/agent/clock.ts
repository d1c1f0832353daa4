/** Where the time comes from, so that a product can live a year in a second. */
export type Clock = { now(): Date }

export const second = 1000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour
