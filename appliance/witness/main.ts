import { readdirSync, readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { makeFolder } from '../../src/folders.ts'
import { clusterName, openRegisters } from './register.ts'
import { witnessServer } from './serve.ts'

const log = (line: object) => void process.stdout.write(`${JSON.stringify(line)}\n`)

/** The authorities of the pairs, `NAME.pem` each. */
function readClusters(folder: string): Map<string, string> {
  const names = readdirSync(folder)
    .filter(name => name.endsWith('.pem'))
    .map(name => name.slice(0, -'.pem'.length))
  const wrong = names.find(name => !clusterName.test(name))
  if (wrong) throw new Error(`${folder}/${wrong}.pem is not named like a pair: small letters, digits and hyphens.`)
  if (names.length === 0) throw new Error(`${folder} has no authority of a pair: put one there as NAME.pem.`)
  return new Map(names.map(name => [name, readFileSync(join(folder, `${name}.pem`), 'utf8')]))
}

/** `main.ts [--settings FOLDER] [--key FILE] [--registers FOLDER] [--listen ADDRESS] [--port NUMBER]`: in the settings are witness.pem and clusters/NAME.pem. */
function main(): void {
  const { values } = parseArgs({
    options: {
      settings: { type: 'string', default: '/etc/quartermaster-witness' },
      key: { type: 'string' },
      registers: { type: 'string', default: '/var/lib/quartermaster-witness' },
      listen: { type: 'string', default: '::' },
      port: { type: 'string', default: '7443' },
    },
  })
  makeFolder(values.registers)
  const key = readFileSync(values.key ?? join(values.settings, 'witness.key'), 'utf8')
  const cert = readFileSync(join(values.settings, 'witness.pem'), 'utf8')
  const clusters = readClusters(join(values.settings, 'clusters'))
  const server = witnessServer(openRegisters(values.registers), { key, cert, clusters }, log)
  server.listen({ port: Number(values.port), host: values.listen }, () =>
    log({ at: new Date(), listening: (server.address() as AddressInfo).port, clusters: [...clusters.keys()] }),
  )
  server.on('error', fail)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(0))
}

function fail(error: Error): never {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
}

try {
  main()
} catch (error) {
  fail(error as Error)
}
