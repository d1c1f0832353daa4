import { request as requestHttp } from 'node:http'
import { request } from 'node:https'
import type { Config } from '../config.ts'

const patience = 5000

/**
 * Asks the running server whether it may take traffic and whether its door to products is open, and gives its answer; a sentence is thrown where not.
 * The server's own certificate is not checked: the question goes no further than this machine, and tells nothing.
 */
export async function askHealth(config: Config): Promise<string> {
  const answer = await askReadiness(config)
  await knockAtDeviceDoor(config)
  return answer
}

/** The command that asks it, and says what was answered. */
export const health = {
  words: 'health',
  summary: 'ask the running server whether it may take traffic; exit code 1 if not',
  run: async (config: Config): Promise<void> => void process.stdout.write(`${await askHealth(config)}\n`),
}

const askReadiness = (config: Config): Promise<string> =>
  new Promise((resolve, reject) => {
    const unreachable = () =>
      reject(new Error(`Nothing answers on port ${config.httpsPort}: the server is not running, or still starting.`))
    request(
      { host: 'localhost', port: config.httpsPort, path: '/health/ready', rejectUnauthorized: false, timeout: patience },
      async response => {
        const body = (await response.toArray()).join('')
        if (response.statusCode === 200) resolve(body)
        else reject(new Error(body))
      },
    )
      .on('error', unreachable)
      .on('timeout', unreachable)
      .end()
  })

/** Whatever it answers, it is there: what it is asked is no message. A port that the machine chose is known to the server alone. */
const knockAtDeviceDoor = ({ deviceHttpPort: port }: Config): Promise<void> =>
  new Promise((resolve, reject) => {
    if (port === 0) return resolve()
    const unreachable = () => reject(new Error(`Nothing answers on port ${port}: products cannot reach the server.`))
    requestHttp({ host: 'localhost', port, timeout: patience }, response => resolve(void response.resume()))
      .on('error', unreachable)
      .on('timeout', unreachable)
      .end()
  })
