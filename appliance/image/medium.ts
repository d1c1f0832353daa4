import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Profile } from '../actions/action.ts'
import { mediumMenu, otherSystems } from './files.ts'
import { must } from './programs.ts'

export type System = { profile: Profile; root: string }

/**
 * Makes an ISO that starts as a CD and, by its first sector, as a stick or disk; by BIOS and by UEFI. It holds the whole system of each profile, packed,
 * and its installer puts one on a disk without a network. The first of them is what runs from the medium, with the others in a folder of it: what is
 * the same in both is packed once. The roots of the others are moved.
 */
export function makeMedium(file: string, [first, ...others]: readonly [System, ...System[]], scratch: string): void {
  const tree = join(scratch, 'medium')
  rmSync(tree, { recursive: true, force: true })
  mkdirSync(join(tree, 'live'), { recursive: true })
  mkdirSync(join(tree, 'boot/grub'), { recursive: true })
  for (const { profile, root } of others) renameSync(root, join(first.root, otherSystems, profile))
  must('mksquashfs', [
    first.root,
    join(tree, 'live/filesystem.squashfs'),
    '-quiet',
    '-no-progress',
    '-comp',
    'zstd',
    '-Xcompression-level',
    '12',
  ])
  copyFileSync(join(first.root, 'vmlinuz'), join(tree, 'live/vmlinuz'))
  copyFileSync(join(first.root, 'initrd.img'), join(tree, 'live/initrd.img'))
  writeFileSync(join(tree, 'boot/grub/grub.cfg'), mediumMenu)
  must('grub-mkrescue', ['-o', file, tree, '--', '-volid', 'QUARTERMASTER'])
  rmSync(tree, { recursive: true })
}
