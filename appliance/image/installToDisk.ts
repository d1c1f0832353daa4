import { existsSync, readFileSync } from 'node:fs'
import { ask, askWord } from '../install/terminal.ts'
import { leastDisk, writeDisk } from './disk.ts'
import { must } from './programs.ts'

/** Where live-boot keeps what the medium holds, as it is and unchanged. */
const system = '/run/live/rootfs/filesystem.squashfs'
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

/**
 * The text installer of the medium: asks for a disk and for a typed word, writes the system there, and starts the machine again. Name, network and the
 * console's password are asked by the first start, as on every other machine. Nothing is changed before the word.
 */
async function main(): Promise<void> {
  if (!existsSync(system)) throw new Error(`${system} is not there: this is not the medium.`)
  const profile = readFileSync('/etc/quartermaster/profile', 'utf8').trim() === 'stig' ? 'STIG' : 'Standard'
  say(`\nThis medium puts Quartermaster on a disk of this machine, in the ${profile} profile.\n`)
  const least = leastDisk(system)
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
  writeDisk(disk.path, system, disk.size)
  must('sync', [])
  await askWord('Done. Take the medium out and press Enter: the machine starts again and asks for name, network and password. ')
  must('systemctl', ['reboot'])
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
})
