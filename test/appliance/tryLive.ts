import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Profile, profiles } from '../../appliance/actions/action.ts'
import { answers } from '../support/applianceRoot.ts'
import { bootDebian } from '../support/debianMachine.ts'
import { makeFileHost, openFileHost } from '../support/fileHost.ts'
import { layOver } from '../support/layers.ts'
import { consoleCommands } from './live/consoleCommands.ts'
import { escapes } from './live/escapes.ts'
import { machineName, makeReleases, makeRoots, type Roots, versions } from './live/makeMachine.ts'
import { prompts } from './live/prompts.ts'
import { restores } from './live/restores.ts'
import type { Trial } from './live/trial.ts'
import { interruptedUpgrades, upgrades } from './live/upgrades.ts'

const help = `npm run appliance:live -- [standard|stig] [PART …] [--keep DIR] [--screens DIR]

What an operator does at a live appliance, over SSH at 80 columns and 24 rows: a Debian with systemd in a namespace, on which a release of this tree
was installed and a product is registered. Each part has a machine of its own; without one named, all are run. It takes root and Debian's mirror.

  --keep DIR      what was made stays there, and is taken as it is the next time
  --screens DIR   where the screens that were seen go, as text (default: var/live)
`

type Part = { name: string; profiles: readonly Profile[]; run(trial: Trial): Promise<void> }

const parts: Part[] = [
  { name: 'console', profiles, run: consoleCommands },
  { name: 'upgrade', profiles, run: upgrades },
  { name: 'interrupted', profiles, run: interruptedUpgrades },
  { name: 'restore', profiles, run: restores },
  { name: 'prompts', profiles: ['stig'], run: prompts },
  { name: 'escapes', profiles: ['stig'], run: escapes },
]

const began = performance.now()
const say = (words: string) => void process.stdout.write(`${((performance.now() - began) / 1000).toFixed(0).padStart(5)} s  ${words}\n`)

const { values, positionals } = parseArgs({
  options: { keep: { type: 'string' }, screens: { type: 'string', default: 'var/live' }, help: { type: 'boolean' } },
  allowPositionals: true,
})
const wanted = <T extends string>(names: readonly T[]) => {
  const named = names.filter(name => positionals.includes(name))
  return named.length > 0 ? named : names
}

async function main(): Promise<void> {
  const place = values.keep ? resolve(values.keep) : mkdtempSync(join(tmpdir(), 'quartermaster-live-'))
  try {
    const releases = await makeReleases(join(place, 'releases'))
    say(`Releases ${Object.keys(releases).join(', ')} are made.`)
    makeFileHost(join(place, 'file-host'))
    for (const profile of wanted(profiles)) {
      const roots = await makeRoots(join(place, profile), profile, releases[versions.installed.version]!)
      say(`${profile}: a machine is installed, and a product is registered with it.`)
      const names = wanted(parts.map(({ name }) => name))
      for (const part of parts)
        if (names.includes(part.name) && part.profiles.includes(profile))
          await runPart(part, profile, roots, releases, place).catch((error: Error) => {
            // One part that went wrong says nothing of the others, which take minutes each.
            process.exitCode = 1
            say(`${profile}, ${part.name}: went wrong. ${error.stack}`)
          })
    }
  } finally {
    if (!values.keep) rmSync(place, { recursive: true, force: true })
  }
}

async function runPart(part: Part, profile: Profile, roots: Roots, releases: Record<string, string>, place: string): Promise<void> {
  const layer = layOver(roots.serving, join(place, 'trial'))
  const files = layOver([join(place, 'file-host')], join(place, 'trial-files'))
  const fileHost = openFileHost(files.folder)
  const machine = await bootDebian(layer.folder, machineName)
  const screens = resolve(values.screens, profile, part.name)
  rmSync(screens, { recursive: true, force: true })
  mkdirSync(screens, { recursive: true })
  try {
    await fileHost.standBeside(machine)
    say(`${profile}, ${part.name}:`)
    await part.run({ profile, machine, fileHost, password: answers.consolePassword, releases, roots, place, screens, say })
    say(`${profile}, ${part.name}: went to its end.`)
  } finally {
    await fileHost.stop()
    await machine.stop()
    for (const each of [layer, files]) each.unmount()
    for (const name of ['trial', 'trial-files']) rmSync(join(place, name), { recursive: true, force: true })
  }
}

if (values.help) process.stdout.write(help)
else await main()
