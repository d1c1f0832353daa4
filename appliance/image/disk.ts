import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { diskLabel, diskMenu, fstab } from './files.ts'
import { must } from './programs.ts'

const sector = 512
const mebibyte = 1024 * 1024
/** The first MiB is the boot loader's, then a partition for UEFI, then the system. */
const efi = { start: 1 * mebibyte, size: 32 * mebibyte }
const systemStart = efi.start + efi.size
/** The part of the first sector that is program; behind it stands the table of partitions. */
const bootProgram = 440

/** Where GRUB's modules are: of the machine that builds, or of the medium. */
const modules = '/usr/lib/grub'

/** Makes a file that is a disk. Sparse: it takes the room of what is on it. */
export function makeDisk(file: string, root: string, bytes: number): void {
  writeFileSync(file, '')
  truncateSync(file, bytes)
  writeDisk(file, root, bytes)
}

/**
 * Puts a system on a disk, a file or a device of `bytes`: starts by BIOS from its first sector, and by UEFI from a partition of its own. The file system is
 * written with its content by mke2fs, so neither a mount nor a loop device is needed.
 */
export function writeDisk(target: string, root: string, bytes: number): void {
  const scratch = mkdtempSync(join(tmpdir(), 'quartermaster-disk-'))
  try {
    const size = Math.floor((bytes - systemStart) / mebibyte) * mebibyte
    must('sfdisk', ['--quiet', '--no-tell-kernel', '--no-reread', '--wipe', 'always', target], table(size))
    must('mke2fs', ['-q', '-F', '-t', 'ext4', '-L', diskLabel, '-d', root, '-E', `offset=${systemStart}`, target, `${size / 1024}k`])
    putFiles(target, scratch)
    writeBios(target, scratch)
    writeEfi(target, scratch)
  } finally {
    rmSync(scratch, { recursive: true })
  }
}

const table = (size: number) => `label: dos
start=${efi.start / sector}, size=${efi.size / sector}, type=ef
start=${systemStart / sector}, size=${size / sector}, type=83, bootable
`

/** What a disk has and the medium has not. debugfs writes into the file system where it stands. */
function putFiles(target: string, scratch: string): void {
  const files = { 'etc/fstab': fstab, 'boot/grub/grub.cfg': diskMenu }
  const commands = Object.entries(files).flatMap(([path, text], index) => {
    writeFileSync(join(scratch, String(index)), text)
    return [`rm /${path}`, `write ${join(scratch, String(index))} /${path}`, `set_inode_field /${path} mode 0100644`]
  })
  must('debugfs', ['-w', '-f', '-', `${target}?offset=${systemStart}`], ['mkdir /boot/grub', ...commands, ''].join('\n'))
}

/** Where the boot loader looks for its menu, built into it. */
const early = `search --no-floppy --label ${diskLabel} --set=root\nset prefix=($root)/boot/grub\nconfigfile /boot/grub/grub.cfg\n`
const common = ['part_msdos', 'ext2', 'search', 'search_label', 'normal', 'configfile', 'linux', 'serial', 'terminal', 'echo', 'test']

function core(scratch: string, format: string, own: string[]): Buffer {
  writeFileSync(join(scratch, 'early.cfg'), early)
  must('grub-mkimage', [
    '-O',
    format,
    '-d',
    `${modules}/${format}`,
    '-c',
    join(scratch, 'early.cfg'),
    '-p',
    '/boot/grub',
    '-o',
    join(scratch, 'core'),
    ...common,
    ...own,
  ])
  return readFileSync(join(scratch, 'core'))
}

function writeAt(target: string, position: number, bytes: Buffer): void {
  const handle = openSync(target, 'r+')
  writeSync(handle, bytes, 0, bytes.length, position)
  closeSync(handle)
}

function writeBios(target: string, scratch: string): void {
  const bytes = core(scratch, 'i386-pc', ['biosdisk', 'vga', 'keystatus'])
  if (sector + bytes.length > efi.start) throw new Error('The boot loader does not fit before the first partition.')
  writeAt(target, 0, readFileSync(`${modules}/i386-pc/boot.img`).subarray(0, bootProgram))
  writeAt(target, sector, bytes)
}

function writeEfi(target: string, scratch: string): void {
  const program = join(scratch, 'BOOTX64.EFI')
  writeFileSync(program, core(scratch, 'x86_64-efi', ['fat', 'efi_gop', 'all_video', 'font']))
  const partition = join(scratch, 'efi')
  writeFileSync(partition, '')
  truncateSync(partition, efi.size)
  must('mkfs.vfat', ['-n', 'EFI', partition])
  must('mmd', ['-i', partition, '::EFI', '::EFI/BOOT'])
  must('mcopy', ['-i', partition, program, '::EFI/BOOT/BOOTX64.EFI'])
  writeAt(target, efi.start, readFileSync(partition))
}

/** How big a disk has to be for a root: twice what is there, and room to work. */
export const leastDisk = (root: string): number => Number(must('du', ['-sxB1', root]).split('\t')[0]) * 2 + 2048 * mebibyte
