import { AsyncLocalStorage } from 'node:async_hooks'
import type { ActorKind } from '../rules/trail.ts'

/** Whose act is under way: set by the door that somebody came through, and read where events are written. */
export type Actor = {
  kind: ActorKind
  name: string
  /** The address they came from. */
  source?: string | undefined
  /** One for each request: what was done together can be found together. */
  correlationId: string
  /** How many records this act has written. */
  recorded: number
  /** What a rule said no with, where whoever acts was told so on a page of theirs. */
  refusal?: string
}

const acting = new AsyncLocalStorage<Actor>()

/**
 * Does `work` as an act of `actor`: every event that is written meanwhile goes into the trail as well, in the same transaction. The door of
 * product instances never calls this, so that what products do costs nothing here.
 */
export const actAs = <T>(actor: Omit<Actor, 'recorded'>, work: (actor: Actor) => T): T => {
  const doing = { ...actor, recorded: 0 }
  return acting.run(doing, () => work(doing))
}

/** Who acts at this moment; undefined for products and for what falls due by itself. */
export const whoActs = (): Actor | undefined => acting.getStore()

/** Notes that a rule said no to what is under way, for the door to record once it is over. */
export const noteRefusal = (sentence: string): void => {
  const actor = acting.getStore()
  if (actor) actor.refusal = sentence
}
