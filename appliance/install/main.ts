import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { serverVersion } from '../../src/release.ts'
import { type Profile, profiles } from '../actions/action.ts'
import { askOnTerminal, readAnswers } from './answers.ts'
import { deedsFor } from './deeds.ts'
import { isFirstBootDone, nameAdministrator, nameMachine } from './firstBoot.ts'
import { type Host, thisHost } from './host.ts'
import { install, uninstall } from './run.ts'
import { askWord } from './terminal.ts'

const release = join(dirname(fileURLToPath(import.meta.url)), '../..')
const deletionWord = 'delete'

const usage = `Makes a Debian 12 an appliance of Quartermaster ${serverVersion}; run again, it puts right what is not as it should be.

  install.sh [--profile standard|stig] [--answers FILE]
      install, then ask for what only people know: host name, network, the console's password, the first administrator
      FILE: those answers as JSON, in a file that only root can read, where nobody sits at the machine
  install.sh --dry-run [--profile standard|stig]
      print every deed that would be done, and change nothing
  install.sh --uninstall
      take it away; what it kept, its settings and its database stay unless you type "${deletionWord}"
  install.sh --for-image --profile standard|stig
      everything but what makes one machine different from others; first boot does that
`

const options = {
  profile: { type: 'string' },
  answers: { type: 'string' },
  'dry-run': { type: 'boolean' },
  uninstall: { type: 'boolean' },
  'delete-data': { type: 'boolean' },
  'for-image': { type: 'boolean' },
  help: { type: 'boolean' },
} as const

const say = (sentence: string) => void process.stdout.write(`${sentence}\n`)

/** What is asked for, or else what is there already, or else Standard. */
function profileOf(wish: string | undefined): Profile {
  const found = profiles.find(each => each === (wish ?? writtenProfile() ?? 'standard'))
  if (!found) throw new Error(`"${wish}" is not a profile. Say --profile standard or --profile stig.`)
  return found
}

function writtenProfile(): string | undefined {
  try {
    return readFileSync('/etc/quartermaster/profile', 'utf8').trim()
  } catch {
    return undefined
  }
}

function refuseOtherMachines(): void {
  if (process.getuid?.() !== 0) throw new Error('Only root can install. Run it with sudo, or as root.')
  const system = readFileSync('/etc/os-release', 'utf8')
  if (!/^ID=debian$/m.test(system) || !/^VERSION_ID="12"$/m.test(system)) {
    const name = /^PRETTY_NAME="(.*)"$/m.exec(system)?.[1] ?? 'another system'
    throw new Error(`This machine runs ${name}; the appliance is made for Debian 12.`)
  }
}

async function takeAway(host: Host, typed: boolean): Promise<void> {
  const isTerminal = process.stdin.isTTY
  const word =
    typed || !isTerminal
      ? ''
      : await askWord(`Type "${deletionWord}" to delete its database, backups, keys and settings too; press Enter to keep them: `)
  const deletesData = typed || word === deletionWord
  uninstall(deedsFor(host), { ...host, deletesData }, say)
  say(
    deletesData
      ? 'Quartermaster is gone from this machine.'
      : 'Quartermaster is gone. Its database, backups, keys and settings are kept: installed again, it goes on with them.',
  )
}

/** Everything is asked first; then nobody needs to be there until the administrator's password is shown. */
async function installHere(host: Host, answersFile: string | undefined): Promise<void> {
  const isAsked = !host.forImage && !isFirstBootDone(host) && (answersFile !== undefined || process.stdin.isTTY)
  const answers = isAsked ? (answersFile ? readAnswers(answersFile, host.profile) : await askOnTerminal(host)) : undefined
  if (answers) nameMachine(host, answers, say)
  install(deedsFor(host), host, { isDry: false, say })
  if (answers) await nameAdministrator(host, answers, say)
  else if (!host.forImage && !isFirstBootDone(host))
    say('Run it once more at a terminal, or with --answers: the console has no password and there is no administrator yet.')
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options })
  if (values.help) return say(usage.trimEnd())
  const profile = profileOf(values.profile)
  const host = thisHost({ profile, release, version: serverVersion, forImage: values['for-image'] ?? false, deletesData: false })
  if (values['dry-run']) return void install(deedsFor(host), host, { isDry: true, say })
  refuseOtherMachines()
  if (values.uninstall) return takeAway(host, values['delete-data'] ?? false)
  await installHere(host, values.answers)
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
})
