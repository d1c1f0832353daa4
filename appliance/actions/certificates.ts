import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { putFile } from '../../src/files.ts'
import { refuseUnless } from '../../src/rules/refusal.ts'
import { action, profiles } from './action.ts'
import type { Machine } from './machine.ts'
import { folderOf, patchFile, pathOf } from './places.ts'
import { serverProgram } from './programs.ts'
import { reportName } from './reportFiles.ts'

const nothing = z.strictObject({})
const callers = ['console', 'server'] as const
const afterwards = { next: '"restart server" makes the workspaces show it.' }
/** A chain of certificates is a few of them. */
const largest = 100_000

const certificateOf = (machine: Machine, act: string, input?: string) =>
  serverProgram(machine, ['certificate', act], input === undefined ? {} : { input }) as Promise<{
    [name: string]: string | number | boolean | null
  }>

export const showCertificate = action({
  name: 'certificate show',
  subject: 'certificates',
  sentence: 'The certificate that the workspaces show',
  input: nothing,
  profiles,
  callers,
  anywhere: true,
  run: (_input, machine) => certificateOf(machine, 'show'),
})

export const requestCertificate = action({
  name: 'certificate csr',
  subject: 'certificates',
  sentence: 'Make a key, and in backups: the request that your authority answers with a certificate',
  input: nothing,
  profiles,
  callers,
  anywhere: true,
  async run(_input, machine) {
    const { request, ...said } = await certificateOf(machine, 'csr')
    // Nobody copies its lines whole from a screen that is narrower than they are.
    const name = `${reportName('request', machine.now())}.csr`
    putFile(join(folderOf(machine, 'backups'), name), String(request))
    return {
      file: `backups:${name}`,
      ...said,
      next: '"copy" brings it to your authority; its answer goes to patches:, for "certificate import".',
      request,
    }
  },
})

export const importCertificate = action({
  name: 'certificate import',
  subject: 'certificates',
  sentence: 'Take the certificate that your authority made, from a file in patches:',
  input: z.strictObject({
    file: patchFile('the certificate with its issuers, in PEM'),
    key: patchFile('its key, in PEM; left out: the key of the request').optional(),
  }),
  positionals: ['file', 'key'],
  profiles,
  callers: ['console'],
  anywhere: true,
  async run({ file, key }, machine) {
    const brought = { certificate: textOf(machine, file), ...(key ? { privateKey: textOf(machine, key) } : {}) }
    return { ...(await certificateOf(machine, 'import', JSON.stringify(brought))), ...afterwards }
  },
})

export const selfSigned = action({
  name: 'certificate self-signed',
  subject: 'certificates',
  sentence: "Make a certificate by the server's own root, in the place of what the workspaces show",
  input: nothing,
  profiles,
  callers,
  anywhere: true,
  confirm: () => 'self-signed',
  run: async (_input, machine) => ({ ...(await certificateOf(machine, 'self-signed')), ...afterwards }),
})

function textOf(machine: Machine, name: string): string {
  const path = pathOf(machine, name)
  refuseUnless(statSync(path).size <= largest, 'INVALID', `${name} is too large for a certificate.`, 'file')
  return readFileSync(path, 'utf8')
}
