import { inTurn, type Kind, type Mix } from './mix.ts'
import type { Seat } from './seat.ts'

/** One thing that one product does. */
export type Job = { kind: Kind; seat: Seat }

/** Each product does each kind of the mix once, one kind after the other. */
export const phases = (mix: Mix, seats: readonly Seat[]): Job[][] => mix.map(({ kind }) => seats.map(seat => ({ kind, seat })))

/** The mix without end, product after product. */
export function* endlessly(mix: Mix, seats: readonly Seat[]): Generator<Job> {
  let turn = 0
  for (const kind of inTurn(mix)) yield { kind, seat: seats[turn++ % seats.length]! }
}

/** The products that must register before the mix can begin. */
export const unprepared = (mix: Mix, seats: readonly Seat[], isTimed: boolean): Seat[] =>
  mix[0]?.kind === 'register' && (!isTimed || mix.length === 1) ? [] : seats.filter(seat => seat.kept === null)
