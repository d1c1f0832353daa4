import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mediumMenu } from './files.ts'
import { must } from './programs.ts'

/**
 * Makes an ISO that starts as a CD and, by its first sector, as a stick or disk; by BIOS and by UEFI. It holds the whole system, packed, which its installer
 * puts on a disk without a network.
 */
export function makeMedium(file: string, root: string, scratch: string): void {
  const tree = join(scratch, 'medium')
  rmSync(tree, { recursive: true, force: true })
  mkdirSync(join(tree, 'live'), { recursive: true })
  mkdirSync(join(tree, 'boot/grub'), { recursive: true })
  must('mksquashfs', [root, join(tree, 'live/filesystem.squashfs'), '-quiet', '-no-progress', '-comp', 'zstd', '-Xcompression-level', '12'])
  copyFileSync(join(root, 'vmlinuz'), join(tree, 'live/vmlinuz'))
  copyFileSync(join(root, 'initrd.img'), join(tree, 'live/initrd.img'))
  writeFileSync(join(tree, 'boot/grub/grub.cfg'), mediumMenu)
  must('grub-mkrescue', ['-o', file, tree, '--', '-volid', 'QUARTERMASTER'])
  rmSync(tree, { recursive: true })
}
