import { createWriteStream, existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { z } from 'zod'
import { type Member, writeTar } from '../release/tar.ts'
import { action, profiles } from './action.ts'
import type { Machine } from './machine.ts'
import { showNetwork } from './network.ts'
import { alerts, status, version } from './overview.ts'
import { folderOf } from './places.ts'
import { serverProgram } from './programs.ts'
import { redact, redactSettings } from './redact.ts'
import { handOver, reportName } from './reportFiles.ts'
import { upgradeHistory } from './upgrades.ts'

const minutes = 60_000

/** One thing in the bundle: its name, and how it is had. What cannot be had is there in words. */
type Part = [name: string, text: (machine: Machine) => Promise<string>]

const asJson = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`
const printed =
  (program: string, ...args: string[]) =>
  async (machine: Machine) => {
    const { out, err } = await machine.run(program, args, { timeout: 2 * minutes })
    return out + err
  }
const answered =
  ({ run }: { run(input: Record<string, never>, machine: Machine): Promise<unknown> }) =>
  async (machine: Machine) =>
    asJson(await run({}, machine))

const units = [
  'quartermaster.service',
  'quartermaster-helper.service',
  'quartermaster-upgrade.service',
  'postgresql@*.service',
  'chrony.service',
  'ssh.service',
]

const parts: Part[] = [
  ['version.json', answered(version)],
  ['status.json', answered(status)],
  ['alerts.json', answered(alerts)],
  ['schema.json', async machine => asJson(await serverProgram(machine, ['schema']))],
  ['upgrades.json', answered(upgradeHistory)],
  ['network.json', answered(showNetwork)],
  ['settings.env', async ({ folders }) => redactSettings(readFileSync(join(folders.settings, 'settings.env'), 'utf8'))],
  [
    'log.txt',
    printed('/usr/bin/journalctl', '--no-pager', '--quiet', '--output=short-iso', '--lines=20000', ...units.map(unit => `--unit=${unit}`)),
  ],
  ['services.txt', printed('/usr/bin/systemctl', 'list-units', '--all', '--no-pager', '--plain')],
  ['clock.txt', printed('/usr/bin/timedatectl', 'show')],
  ['disk.txt', printed('/usr/bin/df', '--human-readable', '--local')],
  ['memory.txt', printed('/usr/bin/free', '--mega')],
  ['packages.txt', printed('/usr/bin/dpkg-query', '--show')],
  ['system.txt', async ({ folders }) => readFileSync(join(folders.host, 'os-release'), 'utf8')],
  ['sizes.json', async machine => asJson(await sizes(machine))],
]

/** How much each folder of ours holds. */
async function sizes({ folders, run }: Machine) {
  const there = [folders.data, folders.backups, folders.patches, folders.releases].filter(folder => existsSync(folder))
  const { out } = await run('/usr/bin/du', ['--summarize', '--bytes', '--', ...there], { timeout: 5 * minutes })
  return out
    .split('\n')
    .filter(Boolean)
    .map(line => ({ folder: line.split('\t')[1] ?? '', bytes: Number(line.split('\t')[0]) }))
}

/** Whatever stands in a file of keys must not stand in the bundle, however it came there. */
function knownSecrets({ folders }: Machine): string[] {
  const inFolder = (folder: string) =>
    existsSync(folder)
      ? readdirSync(folder, { withFileTypes: true }).flatMap(entry => (entry.isFile() ? [join(folder, entry.name)] : []))
      : []
  const files = [join(folders.settings, 'keys'), join(folders.data, 'server'), folders.console]
    .flatMap(inFolder)
    .filter(file => statSync(file).size < 64 * 1024)
  const words = [...files, join(folders.releases, 'upgrade-backups.passphrase')]
    .filter(file => existsSync(file))
    .flatMap(file => {
      const bytes = readFileSync(file)
      return [bytes.toString('hex'), bytes.toString('base64'), ...bytes.toString('latin1').split(/\s+/)]
    })
  return [...words, ...settingsSecrets(join(folders.settings, 'settings.env'))].filter(word => /^[\x21-\x7e]{12,}$/.test(word))
}

/** The password in the address of the database stands in no other setting. */
const settingsSecrets = (file: string) =>
  existsSync(file) ? [...readFileSync(file, 'utf8').matchAll(/:\/\/[^:@\s]*:([^@\s]+)@/g)].map(match => match[1]!) : []

async function* members(machine: Machine): AsyncGenerator<Member> {
  const known = knownSecrets(machine)
  for (const [index, [name, text]] of parts.entries()) {
    machine.tell({ step: name, done: index, of: parts.length })
    const words = await text(machine).catch((error: Error) => `This could not be had: ${error.message}\n`)
    const bytes = Buffer.from(redact(words, known))
    yield { name: `support/${name}`, bytes: bytes.length, mode: 0o600, content: Readable.from([bytes]) }
  }
}

export const supportBundle = action({
  name: 'support_bundle',
  subject: 'services',
  sentence: 'Put logs, status, settings and versions into one file for whoever helps, without secrets',
  input: z.strictObject({}),
  profiles,
  callers: ['console', 'server'],
  job: true,
  async run(_input, machine) {
    const folder = folderOf(machine, 'backups')
    const at = machine.now()
    const name = `${reportName('support', at)}.tar.gz`
    const draft = join(folder, `.${name}`)
    try {
      const seconds = Math.floor(at.getTime() / 1000)
      const archive = Readable.from(writeTar(members(machine), seconds), { objectMode: false })
      await pipeline(archive, createGzip(), createWriteStream(draft, { mode: 0o600 }))
      return handOver(draft, folder, name)
    } finally {
      rmSync(draft, { force: true })
    }
  },
})
