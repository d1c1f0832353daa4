import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'

/**
 * `npm run image:boot -- FILE.img|FILE.iso [--uefi] [--picture FILE.png] [--write FILE.img --profile standard|stig]`: starts an image under software
 * emulation, without changing it, and goes as far as its first screen. A disk is answered at the serial line until it is installed, and signed in to there
 * and at the screen, of which a picture is taken. A medium is answered up to its question for a disk; with `--write` it writes one, which can be
 * started then.
 */
const { values, positionals } = parseArgs({
  options: {
    uefi: { type: 'boolean' },
    picture: { type: 'string' },
    write: { type: 'string' },
    profile: { type: 'string', default: 'standard' },
  },
  allowPositionals: true,
})
const image = resolve(positionals[0]!)
const isMedium = image.endsWith('.iso')
const password = 'Blue-Harbor-47-tree'
/** Software emulation on a busy machine. */
const patience = 1_500_000
/** What a disk takes that a medium has written. */
const writtenSize = '20G'
const scratch = mkdtempSync(join(tmpdir(), 'quartermaster-boot-'))
const monitor = join(scratch, 'monitor')
const began = performance.now()
const say = (words: string) => void process.stdout.write(`${((performance.now() - began) / 1000).toFixed(0).padStart(5)} s  ${words}\n`)

function start(): ChildProcess {
  const disk = resolve(values.write ?? join(scratch, 'disk.img'))
  if (isMedium) execFileSync('qemu-img', ['create', '-q', '-f', 'raw', disk, writtenSize])
  const drives = isMedium
    ? ['-drive', `file=${disk},if=virtio,format=raw,cache=unsafe`, '-cdrom', image, '-boot', 'd']
    : ['-drive', `file=${image},if=virtio,format=raw,snapshot=on`]
  const firmware = values.uefi ? ['-bios', '/usr/share/ovmf/OVMF.fd'] : []
  const machine = ['-M', 'pc', '-cpu', 'max', '-smp', '2', '-m', '2048', '-display', 'none', '-vga', 'std', '-nic', 'user,restrict=on']
  return spawn(
    'qemu-system-x86_64',
    [...machine, ...firmware, ...drives, '-serial', 'stdio', '-qmp', `unix:${monitor},server=on,wait=off`],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
}

const child = start()
let heard = ''
let from = 0
child.stdout!.setEncoding('utf8').on('data', (piece: string) => {
  heard += piece
  // The whole of it, for whoever wants to see what stood on the line.
  writeFileSync(join(tmpdir(), 'quartermaster-serial.txt'), heard)
})
const type = (text: string) => void child.stdin!.write(`${text}\r`)

/** Waits until something is said at the serial line, from where the last was found. */
async function hear(pattern: RegExp): Promise<string> {
  for (const deadline = performance.now() + patience; performance.now() < deadline; await pause(200)) {
    const found = pattern.exec(heard.slice(from))
    if (found) {
      from += found.index + found[0].length
      return found[0]
    }
    if (child.exitCode !== null) break
  }
  throw new Error(`${pattern} was not said. The last words were: ${heard.slice(-1500)}`)
}

async function alongSerialLine(): Promise<void> {
  await hear(/at the serial line/)
  say('The boot loader is there.')
  child.stdin!.write('s')
  if (isMedium) return alongInstaller()
  await hear(/Name of this server[^:]*: /)
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
  await hear(/Password {5}\S+/)
  say('It is installed, and shows the one-time password.')
  await hear(/login: /)
  type('admin')
  await hear(/Password: /)
  type(password)
  // The console draws its whole screen; a shell has a prompt, from which it is started.
  if ((await hear(/\$ |Overview|overview/)).startsWith('$')) type('console')
  else say('The console is there.')
  await pause(5000)
  if (values.picture) await signInAtScreen(resolve(values.picture))
}

/** The medium: which profile, which disk, and the word. */
async function alongInstaller(): Promise<void> {
  await hear(/Profile[^:]*: /)
  say('The installer asks for a profile.')
  if (values.picture) await takePicture(resolve(values.picture))
  if (!values.write) return
  type(values.profile)
  await hear(/Disk \[[^\]]*\]: /)
  type('')
  await hear(/Type "erase" to go on: /)
  type('erase')
  await hear(/Done\./)
  say(`The disk is written: ${values.write}`)
}

/** Asks qemu for one thing, and gives its answer. */
const ask = (command: object): Promise<unknown> =>
  new Promise((done, fail) => {
    const socket = createConnection(monitor)
    socket.on('error', fail)
    let said = ''
    socket.setEncoding('utf8').on('data', piece => {
      said += piece
      const lines = said.split('\n').filter(line => line.includes('"return"') || line.includes('"error"'))
      if (lines.length < 2) return
      socket.end()
      done(JSON.parse(lines[1]!))
    })
    socket.write(`{"execute":"qmp_capabilities"}\n${JSON.stringify(command)}\n`)
  })

const takePicture = async (file: string): Promise<void> => {
  await ask({ execute: 'screendump', arguments: { filename: file, format: 'png' } })
  say(`The screen: ${file}`)
}

const keys: Record<string, string[]> = { '-': ['minus'], '\r': ['ret'] }

/** Types at the machine's own keyboard. */
async function press(text: string): Promise<void> {
  for (const letter of `${text}\r`) {
    const codes = keys[letter] ?? (/[A-Z]/.test(letter) ? ['shift', letter.toLowerCase()] : [letter])
    await ask({ execute: 'send-key', arguments: { keys: codes.map(data => ({ type: 'qcode', data })) } })
    await pause(300)
  }
}

/** How long a screen has to draw itself, under emulation. */
const drawing = 90_000

async function signInAtScreen(file: string): Promise<void> {
  await press('admin')
  await pause(15_000)
  await press(password)
  await pause(drawing)
  await takePicture(file)
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill())

try {
  await alongSerialLine()
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
} finally {
  const gone = new Promise(done => child.once('exit', done))
  child.kill()
  await gone
  rmSync(scratch, { recursive: true })
}
