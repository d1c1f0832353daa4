/** How many letters must be changed, added or dropped to make `a` into `b` (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++) next.push(Math.min(row[j + 1]! + 1, next[j]! + 1, row[j]! + (letter === b[j] ? 0 : 1)))
    row = next
  }
  return row[b.length]!
}

/** The one of `names` that was probably meant by `name`; undefined when none is near. */
export function nearest(name: string, names: string[]): string | undefined {
  const [best] = names.map(candidate => ({ candidate, far: distance(name, candidate) })).sort((a, b) => a.far - b.far)
  return best && best.far <= 6 ? best.candidate : undefined
}
