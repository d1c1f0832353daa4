import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { realpathSync } from 'node:fs'
import { createServer } from 'node:net'
import { Refusal } from '../../src/rules/refusal.ts'

/**
 * Does `deed` while nobody else upgrades what stands in `folder`; refuses while somebody does. The lock is a name in the kernel's table of sockets, and
 * is gone with the process that held it, however that ended.
 */
export async function alone<T>(folder: string, deed: () => Promise<T>): Promise<T> {
  const name = createHash('sha256').update(realpathSync(folder)).digest('hex')
  const server = createServer(socket => socket.destroy()).listen(`\0quartermaster-upgrade-${name}`)
  try {
    await once(server, 'listening')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    throw new Refusal('CONFLICT', 'An upgrade or a rollback is under way. "job list" shows it.')
  }
  try {
    return await deed()
  } finally {
    server.close()
  }
}
