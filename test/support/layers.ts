import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** A root that is written to without a change to what it lies over: a trial of its own on a machine that was made once. */
export type Layer = {
  /** The whole root, as a machine has it. */
  folder: string
  /** What was written alone. */
  upper: string
  /** Takes the root away; `upper` stays for a layer above it. */
  unmount(): void
}

/** Lays a new layer over folders, the uppermost first, in a place of its own. As root; Linux's overlayfs does it. */
export function layOver(lowers: string[], place: string): Layer {
  const [folder, upper, work] = ['root', 'upper', 'work'].map(name => join(place, name)) as [string, string, string]
  rmSync(place, { recursive: true, force: true })
  for (const each of [folder, upper, work]) mkdirSync(each, { recursive: true })
  execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', `lowerdir=${lowers.join(':')},upperdir=${upper},workdir=${work}`, folder])
  return { folder, upper, unmount: () => void execFileSync('umount', [folder]) }
}
