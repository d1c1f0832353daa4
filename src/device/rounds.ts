/** So many handshakes begin in one round of the event loop: each takes about a millisecond of it. */
const usual = 4

/**
 * Begins work so much a round of the event loop, and the rest in the rounds after it: when thousands connect at once, those who were let in before
 * get their turn between the handshakes and not behind all of them.
 */
export function openRounds(perRound = usual): (begin: () => void) => void {
  let waiting: (() => void)[] = []
  let isTurning = false

  function turn(): void {
    const now = waiting.slice(0, perRound)
    waiting = waiting.slice(perRound)
    isTurning = waiting.length > 0
    if (isTurning) setImmediate(turn)
    for (const begin of now) begin()
  }

  return begin => {
    waiting.push(begin)
    if (isTurning) return
    isTurning = true
    setImmediate(turn)
  }
}
