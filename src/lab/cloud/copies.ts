import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '../../folders.ts'

/** Where a copy of every container is kept. */
export type Copies = {
  /** Keeps a copy; the same bytes under the same name are kept once, others get a number. */
  keep(name: string, content: Buffer): void
  /** The name as a file may have it: a Local Account's name is somebody else's text. */
  nameOf(name: string): string
}

const nameOf = (name: string) =>
  name
    .normalize('NFKC')
    .replace(/[^\p{L}\p{N}.-]+/gu, '-')
    .replace(/^[.-]+/, '') || 'container.json'

/** Keeps copies in `folder`: "a folder in which the laboratory keeps a copy of every container that went up or came down". */
export function openCopies(folder: string | undefined): Copies {
  if (folder) makeFolder(folder)
  return {
    nameOf,
    keep(name, content) {
      if (!folder) return
      for (let number = 1; ; number++) {
        const numbered = number === 1 ? nameOf(name) : nameOf(name).replace(/(?=\.[^.]+\.json$)/, `.${number}`)
        const file = join(folder, numbered)
        if (!existsSync(file)) return writeFileSync(file, content, { mode: 0o600 })
        if (readFileSync(file).equals(content)) return
      }
    },
  }
}
