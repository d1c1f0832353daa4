import { execFileSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'

/** `takeBack.ts FILE INTERFACE`: takes back a change of the network that nobody has confirmed in time. A timer of systemd starts it. */
const [file = '', name = ''] = process.argv.slice(2)
if (existsSync(file)) {
  rmSync(file)
  for (const words of [['reload'], ['reconfigure', '--', name]]) execFileSync('/usr/bin/networkctl', words)
}
