import type { Deed } from './deed.ts'
import type { Host } from './host.ts'

type Say = (sentence: string) => void

/**
 * Does what is not done yet, one line a deed, and gives how many those were. A dry run says them and changes nothing. It stops at the first that
 * fails, with its sentence and the reason: run again, it goes on from there.
 */
export function install(deeds: readonly Deed[], host: Host, { isDry, say }: { isDry: boolean; say: Say }): number {
  let count = 0
  for (const deed of deeds) {
    if (isThere(deed, host, isDry)) continue
    count += 1
    if (!isDry) attempt(deed.sentence, () => deed.do(host))
    say(`${isDry ? 'would do' : 'done'}  ${deed.sentence}`)
  }
  say(count === 0 ? 'Everything is as it should be.' : `${count} of ${deeds.length} deeds ${isDry ? 'would be done' : 'were done'}.`)
  return count
}

/** On a bare machine some things cannot even be asked; a dry run takes that for "not done". */
function isThere(deed: Deed, host: Host, isDry: boolean): boolean {
  try {
    return deed.isDone(host)
  } catch (error) {
    if (isDry) return false
    throw new Error(`${deed.sentence} This cannot be told: ${(error as Error).message}`, { cause: error })
  }
}

/** Takes it all away, last deed first. What holds data stays unless the host says that somebody typed the word. */
export function uninstall(deeds: readonly Deed[], host: Host, say: Say): void {
  for (const deed of deeds.toReversed()) {
    if (!deed.undo || (deed.holdsData && !host.deletesData)) continue
    const { undo } = deed
    attempt(deed.sentence, () => undo(host))
    say(`undone  ${deed.sentence}`)
  }
}

function attempt(sentence: string, work: () => void): void {
  try {
    work()
  } catch (error) {
    throw new Error(`${sentence} This could not be done: ${(error as Error).message}`, { cause: error })
  }
}
