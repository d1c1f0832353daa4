import { refuseUnless } from '../../src/rules/refusal.ts'
import type { Ground } from './ground.ts'

const systemctl = '/usr/bin/systemctl'
const unit = 'quartermaster.service'

/** Starts the server of `current` again, by systemd. One that failed too often before is given its chances anew. */
export async function restartUnits(run: Ground['run']): Promise<void> {
  await run(systemctl, ['reset-failed', '--', unit])
  const { code, err } = await run(systemctl, ['restart', '--', unit], { timeout: 180_000 })
  refuseUnless(code === 0, 'CONFLICT', `The service did not start: ${err.trim()} "logs server" may say why.`)
}

/** The root helper is of the former release until it is started again; a moment later, so that whoever asked it hears the end. */
export const renewHelper = (run: Ground['run']): Promise<unknown> =>
  run('/usr/bin/systemd-run', ['--quiet', '--on-active=15', systemctl, 'try-restart', 'quartermaster-helper.service'])
