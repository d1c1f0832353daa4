import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Profile, profiles } from '../actions/action.ts'
import { ask, askWord } from '../install/terminal.ts'
import { leastDisk, writeDisk } from './disk.ts'
import { otherSystems } from './files.ts'
import { must } from './programs.ts'

/** Where live-boot keeps what the medium holds, as it is and unchanged: the system that runs, with the others in a folder of it. */
const running = '/run/live/rootfs/filesystem.squashfs'
const eraseWord = 'erase'
const gigabyte = 1e9

type Disk = {
  path: string
  size: number
  model: string | null
  type: string
  ro: boolean
  mountpoints: (string | null)[]
  children?: Disk[]
}

const inUse = ({ mountpoints, children = [] }: Disk): boolean => mountpoints.some(Boolean) || children.some(inUse)

/** Disks that could be written. Not what is mounted, which is the medium itself. */
function listDisks(): Disk[] {
  const { blockdevices } = JSON.parse(must('lsblk', ['--json', '--bytes', '--output', 'PATH,SIZE,MODEL,TYPE,RO,MOUNTPOINTS']))
  return (blockdevices as Disk[]).filter(disk => disk.type === 'disk' && !disk.ro && !inUse(disk))
}

const say = (words: string) => void process.stdout.write(`${words}\n`)
const inWords = ({ path, size, model }: Disk) => `${path}, ${(size / gigabyte).toFixed(1)} GB${model ? `, ${model.trim()}` : ''}`

/** The system of each profile that the medium has. */
function listSystems(): Map<Profile, string> {
  const own = profileOf(running)
  const folder = join(running, otherSystems)
  return new Map([[own, running], ...readdirSync(folder).map(name => [profileOf(join(folder, name)), join(folder, name)] as const)])
}

function profileOf(system: string): Profile {
  const word = readFileSync(join(system, 'etc/quartermaster/profile'), 'utf8').trim()
  const found = profiles.find(each => each === word)
  if (!found) throw new Error(`The medium has a system of the profile "${word}", which nobody knows.`)
  return found
}

const inProfile: Record<Profile, string> = {
  standard: 'Standard: people sign in at a shell, and "console" starts the console.',
  stig: 'STIG: hardened; the console is all there is, and only FIPS-approved algorithms are used.',
}

/** The profile is chosen here and changed by installing anew. A medium with one profile has nothing to ask. */
async function chooseProfile(systems: Map<Profile, string>): Promise<Profile> {
  const names = [...systems.keys()]
  say('')
  for (const name of names) say(`  ${name.padEnd(10)}${inProfile[name]}`)
  if (names.length === 1) return names[0]!
  const check = (answer: string) => (names.some(name => name === answer) ? undefined : `One of: ${names.join(', ')}.`)
  return (await ask('\nProfile', { preset: names[0]!, check })) as Profile
}

/** What is to be written: the system that runs without the others in it. They are covered, which unlike this medium can be done. */
function systemOf(systems: Map<Profile, string>, profile: Profile): string {
  const system = systems.get(profile)!
  if (system === running && systems.size > 1)
    must('mount', ['-t', 'tmpfs', '-o', 'ro,mode=755,size=4k', 'empty', join(running, otherSystems)])
  return system
}

/**
 * The text installer of the medium: asks for a disk and for a typed word, writes the system there, and starts the machine again. Name, network and the
 * console's password are asked by the first start, as on every other machine. Nothing is changed before the word.
 */
async function main(): Promise<void> {
  if (!existsSync(running)) throw new Error(`${running} is not there: this is not the medium.`)
  say('\nThis medium puts Quartermaster on a disk of this machine.')
  const systems = listSystems()
  const profile = await chooseProfile(systems)
  say('')
  const least = leastDisk(systems.get(profile)!)
  const disks = listDisks().filter(({ size }) => size >= least)
  if (disks.length === 0) {
    await askWord(`There is no disk of ${(least / gigabyte).toFixed(0)} GB or more. Connect one, and press Enter. `)
    return main()
  }
  for (const disk of disks) say(`  ${inWords(disk)}`)
  const path = await ask('\nDisk', {
    preset: disks.length === 1 ? disks[0]!.path : '',
    check: answer => (disks.some(disk => disk.path === answer) ? undefined : `One of: ${disks.map(disk => disk.path).join(', ')}.`),
  })
  const disk = disks.find(disk => disk.path === path)!
  const word = await askWord(`Everything on ${inWords(disk)} will be gone. Type "${eraseWord}" to go on: `)
  if (word !== eraseWord) {
    say('Nothing was changed.')
    return main()
  }
  say('Writing. This takes some minutes …')
  writeDisk(disk.path, systemOf(systems, profile), disk.size)
  must('sync', [])
  await askWord('Done. Take the medium out and press Enter: the machine starts again and asks for name, network and password. ')
  must('systemctl', ['reboot'])
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
})
