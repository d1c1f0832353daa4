import { endSignal } from '../../endSignal.ts'
import { openCloud } from './openCloud.ts'
import { help, readOptions } from './options.ts'

const say = (words: string) => void process.stdout.write(`${words}\n`)

/** `npm run cloud`: up until it is told to end. */
async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  if (!options) return say(help)
  const ended = endSignal()
  const cloud = await openCloud(options)
  say(`The cloud is at ${cloud.ready.url}; ${options.data}/cloud.json says how to sign in.`)
  // The laboratory starts this program as its child and waits for this.
  process.send?.({ ready: cloud.ready })
  await ended
  await cloud.close()
  if (process.connected) process.disconnect()
}

main().catch((error: NodeJS.ErrnoException & { port?: number }) => {
  const isTaken = error.code === 'EADDRINUSE'
  process.stderr.write(`${isTaken ? `Port ${error.port} is in use by another program. Name another with --port.` : error.message}\n`)
  process.exit(1)
})
