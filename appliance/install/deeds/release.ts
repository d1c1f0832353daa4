import type { Deed } from '../deed.ts'
import { exists, link, linkAt, must, remove } from '../host.ts'

const top = '/opt/quartermaster'
const place = (version: string) => `${top}/releases/${version}`

export const release: Deed[] = [
  {
    sentence: 'The release stands under /opt/quartermaster/releases, for root to write and everybody to read.',
    isDone: host => exists(host, place(host.version)),
    do(host) {
      // Whole or not there: the name comes last.
      const draft = `${place(host.version)}.part`
      remove(host, draft)
      must(host, 'mkdir', ['-p', draft])
      must(host, 'cp', ['-a', '--no-preserve=ownership', `${host.release}/.`, draft])
      must(host, 'chmod', ['-R', 'u=rwX,go=rX', draft])
      must(host, 'mv', [draft, place(host.version)])
    },
    undo: host => remove(host, top),
  },
  {
    sentence: '/opt/quartermaster/current names the release that runs.',
    // An upgrade has moved it on: the installer of an older release does not take that back.
    isDone: host => linkAt(host, `${top}/current`) !== undefined,
    do: host => link(host, `${top}/current`, `releases/${host.version}`),
  },
]
