import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import pg from 'pg'
import type { Cluster } from '../../src/storage/cluster.ts'

export const isRoot = process.getuid?.() === 0

/** The first row of the answer to one question. */
export async function ask(cluster: Cluster, question: string) {
  const client = new pg.Client({ connectionString: cluster.connection })
  await client.connect()
  try {
    return (await client.query(question)).rows[0]
  } finally {
    await client.end()
  }
}

/** A process of its own that uses the cluster in `data`, and has it running when this returns. */
export async function serverOn(data: string, identity: { uid?: number; gid?: number } = {}): Promise<ChildProcess> {
  const text = `
    import { startCluster } from ${JSON.stringify(import.meta.resolve('../../src/storage/cluster.ts'))}
    const cluster = await startCluster(${JSON.stringify(data)}, { fast: true })
    process.on('message', async () => {
      await cluster.stop()
      process.disconnect()
    })
    process.send(cluster.connection)`
  const server = spawn(process.execPath, ['--input-type=module', '--eval', text], {
    ...identity,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  await Promise.race([once(server, 'message'), once(server, 'exit').then(([code]) => Promise.reject(new Error(`It ended with ${code}.`)))])
  return server
}
