/** How many may be inside at once, as this machine turns out to manage. */
export type Capacity = {
  /** Somebody wants in: whether there was a place. Gives how many places there are now. */
  came(hasPlace: boolean): number
  /** Somebody has left. */
  left(): void
}

/** The most places, and how many there are before anything was measured: what a slow machine does in half a second. */
export type CapacitySettings = { most: number; first: number }

/** Never fewer than these: a database that stands still for a moment must not close the door. */
const least = 16
/** Milliseconds that somebody who is let in shall take. */
const target = 500

/**
 * Measures how many places there should be: as many as left in half a second, while there were too few. Whoever is let in then takes about so long
 * himself, on a fast machine and on a slow one (Little's law: those inside are the rate times the time inside). While there is room for all, nothing can
 * be learnt of what the machine could do, and the places stay.
 */
export function openCapacity({ most, first }: CapacitySettings, now: () => number = () => performance.now()): Capacity {
  const within = (places: number) => Math.min(most, Math.max(least, places))
  let places = Math.min(most, first)
  let measured = { since: now(), left: 0, turnedAway: false }

  function measure(): void {
    const elapsed = now() - measured.since
    if (elapsed < target) return
    places = measured.turnedAway ? within(Math.round((measured.left * target) / elapsed)) : within(Math.max(places, first))
    measured = { since: now(), left: 0, turnedAway: false }
  }

  return {
    came(hasPlace) {
      measure()
      measured.turnedAway ||= !hasPlace
      return places
    },
    left() {
      measured.left++
    },
  }
}
