import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What a run of the program said. */
export type Said = { ok: boolean; text: string }

/** A folder of files and the real `openssl` program in it: what others will read our certificates with. */
export type OpenSsl = {
  folder: string
  /** Writes a file into the folder and gives its name back. */
  file(name: string, content: string | Buffer): string
  /** Runs `openssl` there, both of its outputs in one text. */
  run(...args: string[]): Said
  remove(): void
}

export function openSsl(): OpenSsl {
  const folder = mkdtempSync(join(tmpdir(), 'quartermaster-openssl-'))
  return {
    folder,
    file(name, content) {
      writeFileSync(join(folder, name), content)
      return name
    },
    run(...args) {
      const { status, stdout, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' })
      return { ok: status === 0, text: `${stdout}${stderr}` }
    },
    remove: () => rmSync(folder, { recursive: true }),
  }
}
