import type { Carried, CloudCarrier } from '../../../src/cloud/carrier.ts'
import type { Context } from '../../../src/context.ts'
import { openCopies } from '../../../src/lab/cloud/copies.ts'
import { receive } from '../../../src/lab/cloud/exchange/receive.ts'
import { CloudRefusal } from '../../../src/lab/cloud/refusal.ts'
import type { Certificate } from '../../../src/pki/certificate.ts'
import { readCertificate } from '../../../src/pki/certificate.ts'
import { issueIdCertificate, prepareIdCertificate } from '../../../src/pki/idCertificate.ts'
import { makeRsaKey } from '../../../src/pki/keys.ts'
import type { LocalAccount } from '../../../src/rules/accounts.ts'
import { Refusal } from '../../../src/rules/refusal.ts'
import { type TestClock, testClock } from '../../support/clock.ts'
import { type Branch, openBranch, openUpstream, standProduct, type Upstream } from '../../support/upstream.ts'

/** What goes wrong on the line with the next exchange by network. */
export type Loss = 'nothing' | 'the request' | 'the answer'

/** A server on a real PostgreSQL and the laboratory's cloud in this process, each with a clock of its own, and no network between them. */
export type BothSides = {
  upstream: Upstream
  branch: Branch
  context: Context
  account: LocalAccount
  clocks: { server: TestClock; cloud: TestClock }
  /** Whom the account CA has certified before all trouble. */
  idCertificate: Certificate
  line: { loss: Loss }
  /** Gives a request to the cloud as a carrier or a courier would; `accepted` tells what it took. */
  deliver(request: string): Promise<Carried>
  close(): Promise<void>
}

export const start = new Date('2026-03-01T12:00:00Z')

/** Opens both sides with a registered account that has some products. */
export async function openBothSides(): Promise<BothSides> {
  const clocks = { server: testClock(start), cloud: testClock(start) }
  const upstream = await openUpstream(clocks.cloud)
  const branch = await openBranch({ ...upstream, clock: clocks.server })
  const account = await branch.register('Model')
  for (let products = 0; products < 3; products++) await standProduct(branch, account)
  const line = { loss: 'nothing' as Loss }
  const desk = { database: upstream.database, clock: clocks.cloud, copies: openCopies(undefined), pollSeconds: 0 }
  const deliver = async (request: string): Promise<Carried> => {
    try {
      const { response } = await receive(desk, { file: Buffer.from(request), submitter: { smartAccountId: null } })
      return { status: 'complete', container: response }
    } catch (error) {
      if (!(error instanceof CloudRefusal)) throw error
      return { status: 'refused', code: error.code, sentence: error.message }
    }
  }
  const cut = () => new Refusal('CLOUD_UNREACHABLE', 'The line was cut.')
  const cloud: CloudCarrier = {
    async carry({ container }) {
      if (line.loss === 'the request') throw cut()
      const carried = await deliver(container)
      if (line.loss === 'the answer') throw cut()
      return carried
    },
    ask: () => Promise.reject(new Error('This cloud answers at once.')),
    tryOut: async () => [],
  }
  const context = { ...branch.context, cloud }
  const idCertificate = await certifyProduct(context, account)
  const close = async () => {
    await branch.close()
    await upstream.close()
  }
  return { upstream, branch, context, account, clocks, idCertificate, line, deliver, close }
}

async function certifyProduct(context: Context, account: LocalAccount): Promise<Certificate> {
  const { publicKey } = await makeRsaKey()
  const subject = { publicKey, product: 'EX-R1000', productInstanceId: account.uuid, udis: ['urn:udi:EX-R1000:FOX0'] }
  const { pem } = await issueIdCertificate(prepareIdCertificate(await context.authority.of(account.id), subject, context.clock.now()))
  return readCertificate(pem)
}
