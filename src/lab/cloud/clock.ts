/** Where this cloud takes the time from. */
export type Clock = { now(): Date }
