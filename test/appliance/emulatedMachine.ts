import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** A machine under software emulation, with somebody at its serial line and somebody at its keyboard. */
export type EmulatedMachine = {
  /** Waits until something is said at the serial line, from where the last was found, and gives it. */
  hear(pattern: RegExp): Promise<string>
  /** Types a line at the serial line. */
  type(text: string): void
  /** One key at the serial line, as a boot loader takes it. */
  touch(key: string): void
  /** Types a line at the machine's own keyboard. */
  press(text: string): Promise<void>
  /** Writes what the machine's screen shows as a PNG. */
  takePicture(file: string): Promise<void>
  /** Has it end by its own means, as a short press of its button does; what it was writing is written. */
  powerDown(): Promise<void>
  /** Takes its power away. */
  stop(): Promise<void>
}

/** What is said at the serial line, whole, for whoever wants to see it afterwards. */
export const serialLog = join(tmpdir(), 'quartermaster-serial.txt')
/** Software emulation on a busy machine. */
const patience = 1_500_000

/** Starts one with these drives (qemu's own words), by BIOS or by UEFI. It has two cores, 2 GB, and a network that goes nowhere. */
export function startEmulated(drives: readonly string[], { uefi }: { uefi: boolean }): EmulatedMachine {
  const scratch = mkdtempSync(join(tmpdir(), 'quartermaster-boot-'))
  const monitor = join(scratch, 'monitor')
  const child = spawn(
    'qemu-system-x86_64',
    [
      ...['-M', 'pc', '-accel', 'tcg,thread=multi,tb-size=512', '-cpu', 'max', '-smp', '2', '-m', '2048'],
      ...['-display', 'none', '-vga', 'std', '-nic', 'user,restrict=on'],
      ...(uefi ? ['-bios', '/usr/share/ovmf/OVMF.fd'] : []),
      ...drives,
      ...['-serial', 'stdio', '-qmp', `unix:${monitor},server=on,wait=off`],
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  const exited = once(child, 'exit')
  let [heard, from] = ['', 0]
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    heard += piece
    writeFileSync(serialLog, heard)
  })

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

  return {
    hear,
    touch: key => void child.stdin.write(key),
    type: text => void child.stdin.write(`${text}\r`),
    async press(text) {
      for (const letter of `${text}\r`) {
        await askMonitor(monitor, { execute: 'send-key', arguments: { keys: codesOf(letter).map(data => ({ type: 'qcode', data })) } })
        await pause(300)
      }
    },
    takePicture: async file => void (await askMonitor(monitor, { execute: 'screendump', arguments: { filename: file, format: 'png' } })),
    async powerDown() {
      await askMonitor(monitor, { execute: 'system_powerdown' })
      const deadline = new AbortController()
      await Promise.race([exited, pause(patience, undefined, { signal: deadline.signal }).catch(() => {})])
      deadline.abort()
    },
    async stop() {
      child.kill()
      await exited
      rmSync(scratch, { recursive: true, force: true })
    },
  }
}

const keys: Record<string, string[]> = { '-': ['minus'], '\r': ['ret'] }
const codesOf = (letter: string) => keys[letter] ?? (/[A-Z]/.test(letter) ? ['shift', letter.toLowerCase()] : [letter])

/** Asks qemu for one thing. Throws what it says no with. */
const askMonitor = (monitor: string, command: object): Promise<unknown> =>
  new Promise((done, fail) => {
    const socket = createConnection(monitor)
    socket.on('error', fail)
    let said = ''
    socket.setEncoding('utf8').on('data', piece => {
      said += piece
      const answers = said.split('\n').filter(line => line.includes('"return"') || line.includes('"error"'))
      if (answers.length < 2) return
      socket.end()
      const { error, return: answer } = JSON.parse(answers[1]!)
      if (error) fail(new Error(error.desc))
      else done(answer)
    })
    socket.write(`{"execute":"qmp_capabilities"}\n${JSON.stringify(command)}\n`)
  })
