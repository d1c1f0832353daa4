import { mkdirSync } from 'node:fs'
import type { Profile } from '../actions/action.ts'
import { exists, giveTo, type Host, isOwnedAs, link, linkAt, put, read, remove } from './host.ts'

/**
 * One thing that makes a bare Debian an appliance. Dry run, installation, repetition and removal are the same list of these: a deed that is done
 * already is passed over, and the list backwards takes it all away.
 */
export type Deed = {
  /** What is so when it is done: the line of the log. */
  sentence: string
  /** Where it belongs; both profiles unless told. */
  profiles?: readonly Profile[]
  /** It makes this machine different from others (keys, a database), so no image carries it: first boot does it. */
  onlyHere?: true
  /** Taking it away destroys what cannot be had again: only for who typed the word. */
  holdsData?: true
  isDone(host: Host): boolean
  do(host: Host): void
  /** Undone without a trace, or left where nothing of ours stays behind. */
  undo?(host: Host): void
}

type FileOptions = Pick<Deed, 'profiles' | 'onlyHere' | 'holdsData'> & {
  owner?: string
  mode?: number
  /** Told after the file has changed or gone, in either direction. */
  after?(host: Host): void
}

/** What Debian, or whoever administers the machine, had there before. */
const formerOf = (path: string) => `${path}.before-quartermaster`

/**
 * A file with this content. A former one is kept beside it and comes back when it is undone. Content that is a function is given the text of
 * the former file, for those of Debian's files that have no folder of additions.
 */
export function file(
  sentence: string,
  path: string,
  content: string | ((former: string, host: Host) => string),
  options: FileOptions = {},
): Deed {
  const { owner = 'root:root', mode = 0o644, after, ...rest } = options
  const former = formerOf(path)
  const wanted = (host: Host) => (typeof content === 'string' ? content : content(read(host, former) ?? read(host, path) ?? '', host))
  return {
    sentence,
    ...rest,
    isDone: host => read(host, path) === wanted(host) && isOwnedAs(host, path, owner, mode),
    do(host) {
      const text = wanted(host)
      const present = read(host, path)
      if (present !== undefined && present !== text && !exists(host, former) && !isOurs(present)) put(host, former, present, owner, mode)
      put(host, path, text, owner, mode)
      after?.(host)
    },
    undo(host) {
      if (!exists(host, path) && !exists(host, former)) return
      const before = read(host, former)
      if (before === undefined) remove(host, path)
      else put(host, path, before, owner, mode)
      remove(host, former)
      after?.(host)
    },
  }
}

/** The first line of every file that is ours alone, so that an older one of ours is not taken for Debian's. */
export const ours = '# Written by the installer of Quartermaster; what is changed here is lost when it runs again.\n'
const isOurs = (text: string) => text.includes(ours.trim())

export function folder(sentence: string, path: string, owner: string, mode: number, options: Pick<Deed, 'holdsData'> = {}): Deed {
  return {
    sentence,
    ...options,
    isDone: host => isOwnedAs(host, path, owner, mode),
    do(host) {
      mkdirSync(host.at(path), { recursive: true })
      giveTo(host, path, owner, mode)
    },
    undo: host => remove(host, path),
  }
}

export function symlink(sentence: string, path: string, target: string, options: FileOptions = {}): Deed {
  const { after, profiles } = options
  return {
    sentence,
    ...(profiles && { profiles }),
    isDone: host => linkAt(host, path) === target,
    do(host) {
      link(host, path, target)
      after?.(host)
    },
    undo(host) {
      if (linkAt(host, path) !== target) return
      remove(host, path)
      after?.(host)
    },
  }
}
