import { restoreBackup, undoRestore } from '../../src/administration/backup/restoreBackup.ts'
import { systemClock } from '../../src/clock.ts'
import { readConfig } from '../../src/config.ts'
import { passphrase } from './backups.ts'

/**
 * A process that restores a backup over what is there and is killed, as `kill -9` does, when it has come to a step; or after so many
 * milliseconds of it.
 */
const [path = '', step = '', after = '0'] = process.argv.slice(2)
const config = readConfig()
const ground = { config, connection: config.databaseUrl!, clock: systemClock }
const die = () => process.kill(process.pid, 'SIGKILL')

if (path === 'undo') {
  setTimeout(die, Number(after))
  await undoRestore(ground)
} else {
  await restoreBackup(ground, {
    path,
    passphrase,
    replace: true,
    tell: at => {
      if (at.step !== step) return
      if (after === '0') die()
      else setTimeout(die, Number(after))
    },
  })
}
