import { chownSync, existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { putFile } from '../../src/files.ts'
import { refuseUnless } from '../../src/rules/refusal.ts'
import { action, profiles } from './action.ts'
import type { Machine } from './machine.ts'
import { folderOf } from './places.ts'
import { serverProgram } from './programs.ts'

const curl = '/usr/bin/curl'
const usualAuthorities = '/etc/ssl/certs/ca-certificates.crt'
const hours = 3_600_000
const largest = 4 * 1024 ** 3

/** How the server goes to that host: over which proxy, and whom it believes beside the usual authorities. */
type Way = { proxy: { address: string; user: string | null; password: string | null } | null; authorities: string[] }

const address = z
  .string()
  .max(2000)
  .refine(text => URL.canParse(text) && new URL(text).protocol === 'https:', 'Give an address that begins with https://.')
  .refine(text => !URL.canParse(text) || new URL(text).username === '', 'An address with a user in it is not fetched.')
  .refine(
    text => /\/[A-Za-z\d][\w.-]{0,190}\.qmr$/.test(text.split(/[?#]/)[0]!),
    'The address of a release ends with its name, as quartermaster-1.2.3.qmr.',
  )

/** A value as curl reads it from its configuration: what must not stand in a command line, where everybody on the machine could read it. */
const quoted = (value: string) => `"${value.replace(/[\\"]/g, '\\$&').replace(/[\r\n]/g, '')}"`

export const fetchRelease = action({
  name: 'upgrade fetch',
  subject: 'upgrade',
  sentence: 'Fetch a release over HTTPS to patches:, over the proxy that is set; "upgrade check" then says what it is',
  input: z.strictObject({ address: address.describe('where it is, as https://example.com/quartermaster-1.2.3.qmr') }),
  positionals: ['address'],
  profiles,
  callers: ['console', 'server'],
  job: true,
  async run({ address: from }, machine) {
    const url = new URL(from)
    const name = url.pathname.split('/').at(-1)!
    const folder = folderOf(machine, 'patches')
    const way = (await serverProgram(machine, ['way', url.hostname])) as Way
    const [draft, believed] = [join(folder, `.${name}.part`), join(folder, `.${name}.authorities`)]
    try {
      putFile(believed, [...(existsSync(usualAuthorities) ? [readFileSync(usualAuthorities, 'utf8')] : []), ...way.authorities].join('\n'))
      machine.tell({ step: `fetching ${name}` })
      await download(machine, url, draft, believed, way)
      const { uid, gid } = statSync(folder)
      if (process.getuid?.() === 0) chownSync(draft, uid, gid)
      renameSync(draft, join(folder, name))
    } finally {
      for (const file of [draft, believed]) rmSync(file, { force: true })
    }
    return { file: `patches:${name}`, bytes: statSync(join(folder, name)).size }
  },
})

async function download(machine: Machine, url: URL, output: string, believed: string, { proxy }: Way): Promise<void> {
  const args = [
    '--disable',
    '--fail',
    '--silent',
    '--show-error',
    '--proto',
    '=https',
    '--proto-redir',
    '=https',
    '--location',
    '--max-redirs',
    '3',
  ]
  const config = [
    `url = ${quoted(url.href)}`,
    `output = ${quoted(output)}`,
    ...(proxy ? [`proxy = ${quoted(proxy.address)}`] : ['noproxy = "*"']),
    ...(proxy?.user ? [`proxy-user = ${quoted(`${proxy.user}:${proxy.password ?? ''}`)}`] : []),
  ]
  const { code, err } = await machine.run(
    curl,
    [...args, '--cacert', believed, '--max-filesize', String(largest), '--connect-timeout', '20', '--config', '-'],
    {
      input: `${config.join('\n')}\n`,
      timeout: 6 * hours,
    },
  )
  refuseUnless(code === 0, 'CONFLICT', `The release could not be fetched: ${err.trim().replace(/^curl: \(\d+\) /, '')}`, 'address')
}
