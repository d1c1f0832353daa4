import { request } from 'node:https'
import type { Config } from '../config.ts'

/**
 * Asks the running server whether it may take traffic, and gives its answer; a sentence is thrown where it may not.
 * The server's own certificate is not checked: the question goes no further than this machine, and tells nothing.
 */
export const askHealth = (config: Config): Promise<string> =>
  new Promise((resolve, reject) => {
    const unreachable = () =>
      reject(new Error(`Nothing answers on port ${config.httpsPort}: the server is not running, or still starting.`))
    request(
      { host: 'localhost', port: config.httpsPort, path: '/health/ready', rejectUnauthorized: false, timeout: 5000 },
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
