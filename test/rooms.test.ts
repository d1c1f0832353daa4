import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

/**
 * The house, from the ground up. A room imports from storeys below its own and from itself; rooms of one storey do not see each other,
 * but for the arrows named in `sideways`. The longest matching name decides, so `src/lab` stands beside everything else of `src`.
 */
const storeys: string[][] = [
  [
    'src/rules',
    'src/wire',
    'src/config',
    'src/config.ts',
    'src/clock.ts',
    'src/folders.ts',
    'src/files.ts',
    'src/endSignal.ts',
    'src/release.ts',
  ],
  ['src/storage', 'src/pki', 'src/cloud', 'src/directory', 'src/mail', 'src/receivers'],
  ['src/context.ts'],
  ['src/licensing', 'src/synchronization', 'src/administration'],
  ['src/device', 'src/web', 'src/api', 'src/schedule'],
  ['src/server.ts', 'src/server'],
]
const sideways: [string, string][] = [
  ['src/synchronization', 'src/licensing'],
  ['src/config.ts', 'src/config'],
]
/** The laboratory stands outside and reaches the server only through its public doors. */
const beside: Record<string, string[]> = {
  'src/lab': ['src/wire', 'src/pki', 'src/clock.ts', 'src/folders.ts', 'src/endSignal.ts'],
  // The appliance treats the server as a service: it starts its programs and asks them, and shares only words with it.
  appliance: ['src/rules', 'src/folders.ts', 'src/files.ts', 'src/release.ts'],
  // The console asks the helper, even for a status, so that it works when there is no server.
  tui: ['appliance', 'src/rules', 'src/folders.ts', 'src/files.ts'],
}

const rooms = [...storeys.flat(), ...Object.keys(beside)]
const roomOf = (file: string) => rooms.filter(room => file === room || file.startsWith(`${room}/`)).sort((a, b) => b.length - a.length)[0]
const storeyOf = (room: string) => storeys.findIndex(storey => storey.includes(room))

/** The roof is one room of a file and a folder. */
const roof = ['src/server.ts', 'src/server']

function allowed(from: string, to: string): boolean {
  if (from === to || (roof.includes(from) && roof.includes(to))) return true
  if (beside[from]) return beside[from].some(room => to === room || to.startsWith(`${room}/`))
  if (beside[to]) return false
  if (sideways.some(([a, b]) => a === from && b === to)) return true
  return storeyOf(to) < storeyOf(from)
}

const importsOf = (file: string) =>
  [...readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(match => normalize(join(dirname(file), match[1]!)))

describe('the house', () => {
  const files = globSync('{src,appliance,tui}/**/*.ts').sort()

  it('has a room for every file', () => {
    assert.deepEqual(
      files.filter(file => !roomOf(file)),
      [],
    )
  })

  it('has no arrow that goes up', () => {
    const upward = files.flatMap(file =>
      importsOf(file)
        .filter(target => /^(src|appliance|tui)\//.test(target) && !allowed(roomOf(file)!, roomOf(target)!))
        .map(target => `${file} reaches ${target}`),
    )
    assert.deepEqual(upward, [])
  })

  it('lets the ground reach nothing of ours', () => {
    const reaching = files
      .filter(file => /^src\/(rules|wire)\//.test(file))
      .flatMap(file =>
        importsOf(file)
          .filter(target => roomOf(target) !== roomOf(file))
          .map(target => `${file} reaches ${target}`),
      )
    assert.deepEqual(reaching, [])
  })

  it('lets one file of the ledger, the helper and the console start a process', () => {
    const starting = files.filter(
      file => /^(appliance\/(actions|helper)|tui)\//.test(file) && readFileSync(file, 'utf8').includes('child_process'),
    )
    assert.deepEqual(starting, ['appliance/actions/run.ts'])
  })
})
