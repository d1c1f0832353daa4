import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'

/**
 * `npm run image:boot -- FILE.img|FILE.iso [--picture FILE.png [--after SECONDS]] [--uefi]`: starts an image under software emulation, without changing it, and goes as far
 * as its first screen. A disk is answered at the serial line, up to the console; a medium is answered up to its question for a disk. With `--picture`
 * nobody answers, and the screen is taken until those seconds are over (600).
 */
const { values, positionals } = parseArgs({
  options: { picture: { type: 'string' }, after: { type: 'string', default: '600' }, uefi: { type: 'boolean' } },
  allowPositionals: true,
})
const image = resolve(positionals[0]!)
const isMedium = image.endsWith('.iso')
const password = 'Blue-Harbor-47-tree'
/** Software emulation on a busy machine. */
const patience = 1_500_000
const scratch = mkdtempSync(join(tmpdir(), 'quartermaster-boot-'))
const monitor = join(scratch, 'monitor')
const began = performance.now()
const say = (words: string) => void process.stdout.write(`${((performance.now() - began) / 1000).toFixed(0).padStart(5)} s  ${words}\n`)

function start(): ChildProcess {
  const disk = join(scratch, 'disk.qcow2')
  if (isMedium) execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', disk, '20G'])
  const drives = isMedium
    ? ['-drive', `file=${disk},if=virtio,format=qcow2`, '-cdrom', image, '-boot', 'd']
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
  if (isMedium) {
    await hear(/Disk \[[^\]]*\]: /)
    return say('The installer asks for a disk.')
  }
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
  const before = heard.length
  for (const deadline = performance.now() + patience; performance.now() < deadline && heard.length < before + 600; ) await pause(500)
  await pause(5000)
  say('The console is there.')
  process.stdout.write(`${heard.slice(before)}\n`)
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

/** Takes the screen every few seconds until the time is over, so that the last one can be looked at even while it goes on. */
async function takePicture(file: string, seconds: number): Promise<void> {
  for (const deadline = performance.now() + seconds * 1000; performance.now() < deadline && child.exitCode === null; await pause(5000)) {
    await ask({ execute: 'screendump', arguments: { filename: file, format: 'png' } }).catch(() => undefined)
  }
  say(`The screen: ${file}`)
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill())

try {
  if (values.picture) await takePicture(resolve(values.picture), Number(values.after))
  else await alongSerialLine()
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
} finally {
  const gone = new Promise(done => child.once('exit', done))
  child.kill()
  await gone
  rmSync(scratch, { recursive: true })
}
