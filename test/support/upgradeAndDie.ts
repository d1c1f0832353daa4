import { upgrade } from '../../appliance/upgrade/upgrade.ts'
import { applianceGround } from './applianceGround.ts'

/** A process that upgrades the appliance of a test and is killed, as `kill -9` does, when it has come to a step, or into the middle of it (`unpack+`). */
const [place = '', archive = '', step = ''] = process.argv.slice(2)
const ground = applianceGround(JSON.parse(place), progress => {
  const at = 'step' in progress ? `${progress.step}${progress.done ? '+' : ''}` : ''
  if (at === step) process.kill(process.pid, 'SIGKILL')
})
const { outcome, reason } = await upgrade(ground, archive)
process.stdout.write(`${outcome} ${reason ?? ''}`)
