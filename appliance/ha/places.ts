import { join } from 'node:path'
import type { Folders } from '../actions/machine.ts'

/** Where the agent's things stand on a machine. */
export const pairPlaces = ({ settings, host, volatile }: Pick<Folders, 'settings' | 'host' | 'volatile'>) => ({
  /** `pair.json` and the keys of this node; root's alone. */
  keys: join(settings, 'ha'),
  settings: join(settings, 'ha/pair.json'),
  /** The claim, which lasts. */
  state: join(host, '../var/lib/quartermaster-ha'),
  /** Status, orders, the pipe and the track file, which last until the machine is started again. */
  volatile: join(volatile, 'quartermaster-ha'),
})
