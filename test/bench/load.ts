import { readFileSync } from 'node:fs'
import { Agent as PlainAgent, request as plainly } from 'node:http'
import { Agent, request as securely } from 'node:https'

/** Posts one body again and again: `load.ts URL COUNT CONCURRENCY kept|new ROOT BODY`. Prints `{ done, other, seconds }`, `other` being answers above 499. */
const [url = '', count = '0', concurrency = '1', connections = 'new', root = '', bodyFile = ''] = process.argv.slice(2)
const body = readFileSync(bodyFile)
const isSecure = url.startsWith('https:')
const kept = { keepAlive: connections === 'kept', maxSockets: Number(concurrency), maxCachedSessions: 0 }
const agent = isSecure ? new Agent(kept) : new PlainAgent(kept)
const options = { method: 'POST', agent, headers: { 'content-type': 'application/json', 'content-length': body.length } }

const post = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const request = isSecure ? securely(url, { ...options, ca: readFileSync(root) }) : plainly(url, options)
    request.on('error', reject).on('response', async response => {
      await response.toArray()
      resolve(response.statusCode!)
    })
    request.end(body)
  })

let left = Number(count)
let other = 0
const began = performance.now()
await Promise.all(
  Array.from({ length: Number(concurrency) }, async () => {
    while (left-- > 0) if ((await post()) > 499) other++
  }),
)
agent.destroy()
process.stdout.write(JSON.stringify({ done: Number(count), other, seconds: (performance.now() - began) / 1000 }))
