import { execFileSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type EmulatedMachine, startEmulated } from './emulatedMachine.ts'

const help = `npm run image:boot -- FILE.img|FILE.iso [options]: starts an image under software emulation, without changing it, as far as its first screen

  A disk is answered at the serial line until it is installed, and signed in to there and at the screen. One that was installed already is only signed in to.
  A medium is answered up to its question for a profile; with --write on to the end.

  --uefi             start by UEFI's firmware instead of BIOS
  --picture FILE     a PNG of the screen
  --at-screen SECS   the first line of the boot menu, which asks at the screen: nobody answers, and after so many seconds the picture is taken
  --state FILE       of a disk: where what the machine writes goes; given again, it goes on from there. Without it, it is forgotten
  --write FILE.img   of a medium: an empty disk that its installer writes; that can be started afterwards
  --profile NAME     what to answer the medium: standard (the default) or stig
`
const { values, positionals } = parseArgs({
  options: {
    uefi: { type: 'boolean', default: false },
    picture: { type: 'string' },
    'at-screen': { type: 'string' },
    state: { type: 'string' },
    write: { type: 'string' },
    profile: { type: 'string', default: 'standard' },
    help: { type: 'boolean', short: 'h' },
  },
  allowPositionals: true,
})

const password = 'Blue-Harbor-47-tree'
/** What a disk takes that a medium has written. */
const writtenSize = '20G'
/** How long a screen has to draw itself, under emulation: what is on it cannot be asked. */
const drawing = 60_000
const began = performance.now()
const say = (words: string) => void process.stdout.write(`${((performance.now() - began) / 1000).toFixed(0).padStart(5)} s  ${words}\n`)

/** The image itself is only read: what is written goes beside it. */
function drivesOf(image: string, state: string, written: string): string[] {
  if (!image.endsWith('.iso')) {
    if (!existsSync(state)) execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', image, state])
    return ['-drive', `file=${state},if=virtio,format=qcow2,cache=unsafe`]
  }
  execFileSync('qemu-img', ['create', '-q', '-f', 'raw', written, writtenSize])
  return ['-drive', `file=${written},if=virtio,format=raw,cache=unsafe`, '-cdrom', image, '-boot', 'd']
}

/** The first start of a disk: name, network, the console's password; then the one-time password of the first administrator. */
async function answerFirstStart({ hear, type }: EmulatedMachine): Promise<void> {
  say('The first start asks for a name.')
  type('qm.example.net')
  await hear(/Addresses[^:]*: /)
  type('')
  await hear(/administrator[^:]*: /)
  type('')
  await hear(/Password of the console[^:]*: /)
  type(password)
  await hear(/Once more: /)
  type(password)
  say('Everything is answered.')
  await hear(/The server runs\./)
  say('The server is started.')
  await hear(/Password {5}\S+/)
  say('It is ready, and the one-time password is shown.')
  await hear(/login: /)
}

/**
 * Signs in, and gives what has to be typed from there until the console is there: in the STIG profile that its banner is agreed to, in the Standard
 * profile its name at a shell, which is asked how the start went.
 */
async function signInAtSerialLine({ hear, type }: EmulatedMachine): Promise<string[]> {
  say('It asks who signs in.')
  type('admin')
  await hear(/Password: /)
  type(password)
  const typed: string[] = []
  let found = await hear(/\$ |Enter agree|Overview/)
  if (found.startsWith('$')) {
    type('systemctl --failed --no-legend | wc -l; systemd-analyze time | head -1')
    const [failed] = (await hear(/^\d+\r?$/m)).split('\r')
    say(`A shell is there. Units that failed: ${failed}. ${(await hear(/Startup finished[^\r\n]*/)).trim()}`)
    typed.push('console')
    type('console')
    found = await hear(/Enter agree|Overview/)
  }
  // Also in the Standard profile where the helper has not answered yet: the console takes the stricter one then.
  if (found.startsWith('Enter')) {
    typed.push('')
    type('')
    await hear(/Overview/)
  }
  say('The console is there.')
  return typed
}

async function alongDisk(machine: EmulatedMachine): Promise<void> {
  if (!(await machine.hear(/Name of this server[^:]*: |login: /)).startsWith('login')) await answerFirstStart(machine)
  const typed = await signInAtSerialLine(machine)
  if (!values.picture) return
  await machine.press('admin')
  await pause(15_000)
  for (const words of [password, ...typed]) {
    await machine.press(words)
    await pause(drawing)
  }
  await photograph(machine, values.picture)
}

/** The medium: which profile, which disk, and the word. */
async function alongMedium(machine: EmulatedMachine, written: string): Promise<void> {
  const { hear, type } = machine
  await hear(/Profile[^:]*: /)
  say('The installer asks for a profile.')
  if (values.picture) await photograph(machine, values.picture)
  if (!values.write) return
  type(values.profile)
  await hear(/Disk \[[^\]]*\]: /)
  type('')
  await hear(/Type "erase" to go on: /)
  type('erase')
  await hear(/Done\./)
  say(`The disk is written: ${written}`)
}

/** Nobody can be heard at the screen, so it is looked at when its time has come. */
async function lookAtScreen(machine: EmulatedMachine, wait: number): Promise<void> {
  machine.touch('q')
  await pause(wait)
  await photograph(machine, values.picture ?? 'screen.png')
}

async function photograph(machine: EmulatedMachine, file: string): Promise<void> {
  await machine.takePicture(resolve(file))
  say(`The screen: ${file}`)
}

async function main(image: string): Promise<void> {
  const scratch = join(tmpdir(), `quartermaster-image-${process.pid}`)
  const state = resolve(values.state ?? `${scratch}.qcow2`)
  const written = resolve(values.write ?? `${scratch}.img`)
  const machine = startEmulated(drivesOf(image, state, written), values)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => machine.stop())
  try {
    await machine.hear(/at the serial line/)
    say('The boot loader is there.')
    if (values['at-screen']) return await lookAtScreen(machine, Number(values['at-screen']) * 1000)
    machine.touch('s')
    if (image.endsWith('.iso')) await alongMedium(machine, written)
    else await alongDisk(machine)
    if (values.state) {
      await machine.powerDown()
      say('It is off.')
    }
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    process.exitCode = 1
  } finally {
    await machine.stop()
    for (const file of [`${scratch}.qcow2`, `${scratch}.img`]) rmSync(file, { force: true })
  }
}

if (values.help || !positionals[0]) {
  process.stdout.write(help)
  process.exitCode = values.help ? 0 : 2
} else await main(resolve(positionals[0]))
