import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Profile, profiles } from '../actions/action.ts'
import { makeDisk } from './disk.ts'
import { makeMedium, type System } from './medium.ts'
import { makeRoot } from './root.ts'

const help = `npm run image -- --release FILE [options]: an ISO that installs, and a disk of each profile for virtual machines; as root, on Debian 12 or newer

  --release FILE      a release, made by "npm run release"
  --profile NAME      standard or stig alone; without it the ISO has both, and asks
  --kernel PACKAGE    linux-image-amd64 (the default), or linux-image-cloud-amd64 for virtual machines alone
  --disk-size GB      how big the disk is (default 20); it takes the room of what is on it
  --only iso|disk     one of the two
  --to DIR            where they go (default: var/images)
  --base FILE         a bare Debian with its kernel, from a former build; made where it is not (default: var/images/base-PACKAGE.tar.zst)
  --mirror URL        Debian's packages (default: http://deb.debian.org/debian)
It takes Debian's packages debootstrap, squashfs-tools, grub-common, grub-pc-bin, grub-efi-amd64-bin, xorriso, mtools, dosfstools, e2fsprogs and zstd.
`

const { values } = parseArgs({
  options: {
    release: { type: 'string' },
    profile: { type: 'string' },
    kernel: { type: 'string', default: 'linux-image-amd64' },
    'disk-size': { type: 'string', default: '20' },
    only: { type: 'string' },
    to: { type: 'string', default: 'var/images' },
    base: { type: 'string' },
    mirror: { type: 'string', default: 'http://deb.debian.org/debian' },
    help: { type: 'boolean', short: 'h' },
  },
})

const began = performance.now()
const say = (words: string) => void process.stdout.write(`${((performance.now() - began) / 1000).toFixed(0).padStart(5)} s  ${words}\n`)
const megabytes = (file: string) => `${Math.round((statSync(file).blocks * 512) / 1e6)} MB`

const to = resolve(values.to)

/** The system of a profile, and its disk where one is wanted. */
function makeSystem(profile: Profile, release: string, version: string, root: string): System {
  const base = resolve(values.base ?? join(to, `base-${values.kernel}.tar.zst`))
  makeRoot({ release, profile, kernel: values.kernel, mirror: values.mirror, base, folder: root })
  say(`The system of the profile ${profile} is made.`)
  const disk = join(to, `quartermaster-${version}-${profile}.img`)
  if (values.only !== 'iso') {
    makeDisk(disk, root, Number(values['disk-size']) * 1024 ** 3)
    say(`${disk}, ${megabytes(disk)} on the disk`)
  }
  return { profile, root }
}

function build(wanted: readonly Profile[], archive: string): void {
  mkdirSync(to, { recursive: true })
  const scratch = mkdtempSync(join(tmpdir(), 'quartermaster-image-'))
  try {
    const release = join(scratch, 'release')
    mkdirSync(release)
    // Two programs and a pipe between them, with names that are arguments.
    execFileSync('sh', ['-c', 'tar xOf "$1" tree.tar.gz | tar xz -C "$2"', 'sh', resolve(archive), release])
    const { version } = JSON.parse(readFileSync(join(release, 'package.json'), 'utf8'))
    const [first, ...others] = wanted.map(profile => makeSystem(profile, release, version, join(scratch, profile)))
    if (values.only === 'disk') return
    const iso = join(to, `quartermaster-${version}${values.profile ? `-${values.profile}` : ''}.iso`)
    makeMedium(iso, [first!, ...others], scratch)
    say(`${iso}, ${megabytes(iso)}`)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

const wanted = profiles.filter(each => (values.profile ?? each) === each)
if (values.help || !values.release || wanted.length === 0) {
  process.stdout.write(help)
  process.exitCode = values.help ? 0 : 2
} else {
  try {
    build(wanted, values.release)
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    process.exitCode = 1
  }
}
