import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeDisk } from '../../appliance/image/disk.ts'
import { diskMenu, imageFiles, mediumMenu } from '../../appliance/image/files.ts'

const run = (program: string, ...args: string[]) => spawnSync(program, args, { encoding: 'utf8' })
const programs = ['sfdisk', 'mke2fs', 'debugfs', 'grub-mkimage', 'mcopy', 'mkfs.vfat']
const hasPrograms = programs.every(program => !run(program, '--version').error)

describe('the image', () => {
  it('starts on the first try what a machine asks, and serves nothing from the medium', () => {
    const unit = imageFiles['/etc/systemd/system/quartermaster-first-boot.service']!
    assert.match(unit, /ConditionPathExists=!\/etc\/quartermaster\/first-boot-done/)
    assert.match(unit, /ConditionKernelCommandLine=!quartermaster.install/)
    assert.match(mediumMenu, /boot=live quartermaster.install/)
    assert.doesNotMatch(diskMenu, /quartermaster.install/)
  })

  it('is a disk that BIOS and UEFI start from, with the system in it', function () {
    if (!hasPrograms) return this.skip()
    const folder = mkdtempSync(join(tmpdir(), 'quartermaster-disk-test-'))
    try {
      const root = join(folder, 'root')
      for (const path of ['etc', 'boot/grub']) mkdirSync(join(root, path), { recursive: true })
      writeFileSync(join(root, 'etc/fstab'), 'of the medium')
      writeFileSync(join(root, 'etc/hostname'), 'quartermaster\n')
      const disk = join(folder, 'disk.img')
      makeDisk(disk, root, 128 * 1024 * 1024)
      const bytes = Buffer.alloc(512)
      const handle = openSync(disk, 'r')
      readSync(handle, bytes, 0, 512, 0)
      closeSync(handle)
      assert.equal(bytes.readUInt16BE(510), 0x55aa)
      assert.match(bytes.toString('latin1'), /GRUB/)
      const system = `${disk}?offset=${33 * 1024 * 1024}`
      assert.match(run('debugfs', '-R', 'cat /etc/hostname', system).stdout, /quartermaster/)
      assert.match(run('debugfs', '-R', 'cat /etc/fstab', system).stdout, /^LABEL=quartermaster \/ ext4/)
      assert.match(run('debugfs', '-R', 'cat /boot/grub/grub.cfg', system).stdout, /menuentry 'Quartermaster'/)
      assert.equal(run('e2fsck', '-fn', system).status, 0)
      assert.match(run('mdir', '-i', `${disk}@@1M`, '::EFI/BOOT').stdout, /BOOTX64/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
