import { createHash } from 'node:crypto'
import { realpath } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { setTimeout as after } from 'node:timers/promises'

const askAgainAfter = 50
const patience = 90_000

/**
 * Does `deed` while no other process does one on the same folder. The lock is a name in the kernel's table of sockets (an abstract one), so
 * it is gone with the process that held it, however it ended; a lock file would be left by a `kill -9`. Throws after a minute and a half.
 */
export async function lockFolder<T>(folder: string, deed: () => Promise<T>): Promise<T> {
  const path = await realpath(folder)
  const name = `\0quartermaster-product-${createHash('sha256').update(path).digest('hex')}`
  const server = await takeName(name, path)
  try {
    return await deed()
  } finally {
    await new Promise(resolve => server.close(resolve))
  }
}

async function takeName(name: string, path: string): Promise<Server> {
  for (let waited = 0; waited < patience; waited += askAgainAfter) {
    const server = await listen(name)
    if (server) return server
    await after(askAgainAfter)
  }
  throw new Error(`Another command has been at work on ${path} for more than a minute: wait for it to end, or stop it.`)
}

/** A server that listens under `name`, or undefined while somebody else does. */
function listen(name: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer(socket => socket.destroy())
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)))
    server.listen(name, () => resolve(server))
  })
}
