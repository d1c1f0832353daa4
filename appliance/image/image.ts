import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Profile, profiles } from '../actions/action.ts'
import { makeDisk } from './disk.ts'
import { makeMedium } from './medium.ts'
import { makeRoot } from './root.ts'

const help = `npm run image -- --release FILE [options]: an ISO that installs, and a disk for virtual machines; as root, on Debian 12 or newer

  --release FILE      a release, made by "npm run release"
  --profile NAME      standard (the default) or stig
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
    profile: { type: 'string', default: 'standard' },
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

function build(profile: Profile, archive: string): void {
  const to = resolve(values.to)
  mkdirSync(to, { recursive: true })
  const scratch = mkdtempSync(join(tmpdir(), 'quartermaster-image-'))
  try {
    const release = join(scratch, 'release')
    mkdirSync(release)
    // Two programs and a pipe between them, with names that are arguments.
    execFileSync('sh', ['-c', 'tar xOf "$1" tree.tar.gz | tar xz -C "$2"', 'sh', resolve(archive), release])
    const root = join(scratch, 'root')
    const base = resolve(values.base ?? join(to, `base-${values.kernel}.tar.zst`))
    makeRoot({ release, profile, kernel: values.kernel, mirror: values.mirror, base, folder: root })
    say('The system is made.')
    const { version } = JSON.parse(readFileSync(join(release, 'package.json'), 'utf8'))
    const name = join(to, `quartermaster-${version}-${profile}`)
    if (values.only !== 'iso') {
      makeDisk(`${name}.img`, root, Number(values['disk-size']) * 1024 ** 3)
      say(`${name}.img, ${megabytes(`${name}.img`)} on the disk`)
    }
    if (values.only !== 'disk') {
      makeMedium(`${name}.iso`, root, scratch)
      say(`${name}.iso, ${megabytes(`${name}.iso`)}`)
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

const profile = profiles.find(each => each === values.profile)
if (values.help || !values.release || !profile) {
  process.stdout.write(help)
  process.exitCode = values.help ? 0 : 2
} else {
  try {
    build(profile, values.release)
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    process.exitCode = 1
  }
}
