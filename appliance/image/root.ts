import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Profile } from '../actions/action.ts'
import { imageFiles } from './files.ts'
import { inside, must } from './programs.ts'

/** What a bare Debian needs to be a machine: to start, to find its disk and its network. */
const basic = ['systemd', 'systemd-sysv', 'dbus', 'libpam-systemd', 'udev', 'ca-certificates', 'iproute2', 'procps', 'less']
const machinePackages = [
  ...['initramfs-tools', 'zstd', 'live-boot', 'live-boot-initramfs-tools', 'systemd-resolved'],
  // For the installer on the medium, which writes disks as the image does.
  ...['grub-pc-bin', 'grub-efi-amd64-bin', 'grub-common', 'mtools', 'dosfstools', 'fdisk', 'e2fsprogs'],
]

export type RootWish = {
  /** An unpacked release. */
  release: string
  profile: Profile
  /** Debian's package of the kernel. */
  kernel: string
  mirror: string
  /** A bare Debian as an archive, from a former build; made there where it is not. */
  base: string
  folder: string
}

/** A bare Debian with a kernel, kept as an archive because it takes the longest and changes the least. */
export function ensureBase({ base, kernel, mirror, folder }: RootWish): void {
  if (existsSync(base)) return
  const draft = `${folder}.base`
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(dirname(base), { recursive: true })
  must('debootstrap', ['--variant=minbase', `--include=${basic.join(',')}`, 'bookworm', draft, mirror])
  // Nothing is lost here by a power cut but the build.
  writeFileSync(join(draft, 'etc/dpkg/dpkg.cfg.d/unsafe-io'), 'force-unsafe-io\n')
  inside(draft, 'apt-get', '-q', 'update')
  inside(draft, 'apt-get', '-q', '-y', 'install', '--no-install-recommends', kernel, ...machinePackages)
  inside(draft, 'apt-get', 'clean')
  must('tar', ['-C', draft, '--numeric-owner', '-I', 'zstd -3', '-cf', `${base}.part`, '.'])
  must('mv', [`${base}.part`, base])
  rmSync(draft, { recursive: true })
}

/** The root of an image: a bare Debian, what the installer makes of it, and nothing that would make two machines alike. */
export function makeRoot(wish: RootWish): void {
  const { folder, release, profile, base } = wish
  ensureBase(wish)
  mkdirSync(folder, { recursive: true })
  must('tar', ['-C', folder, '--numeric-owner', '-I', 'zstd', '-xf', base])
  // Until it is made, names are looked up as on the machine that builds; the root's own is a link to a service that does not run.
  must('cp', ['--remove-destination', '/etc/resolv.conf', join(folder, 'etc/resolv.conf')])
  must('cp', ['-a', release, join(folder, 'var/tmp/release')])
  inside(folder, '/var/tmp/release/appliance/install/install.sh', '--for-image', '--profile', profile)
  for (const [path, text] of Object.entries(imageFiles)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  inside(
    folder,
    'systemctl',
    'enable',
    'systemd-networkd.service',
    'systemd-resolved.service',
    'quartermaster-first-boot.service',
    'quartermaster-disk-installer.service',
  )
  inside(folder, 'passwd', '--quiet', '--lock', 'root')
  forgetBuild(folder)
}

function forgetBuild(folder: string): void {
  inside(folder, 'apt-get', 'clean')
  const ours = [
    'etc/dpkg/dpkg.cfg.d/unsafe-io',
    'var/tmp/release',
    'var/lib/dbus/machine-id',
    'var/lib/systemd/random-seed',
    'etc/resolv.conf',
  ]
  const alike = must('find', [join(folder, 'etc/ssh'), '-name', 'ssh_host_*'])
    .split('\n')
    .filter(Boolean)
  const lists = must('find', [join(folder, 'var/lib/apt/lists'), '-type', 'f'])
    .split('\n')
    .filter(Boolean)
  for (const path of [...ours.map(path => join(folder, path)), ...alike, ...lists]) rmSync(path, { recursive: true, force: true })
  // Empty, and not away: systemd fills it at the first start.
  writeFileSync(join(folder, 'etc/machine-id'), '')
  must('ln', ['-s', '/run/systemd/resolve/stub-resolv.conf', join(folder, 'etc/resolv.conf')])
}
