import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { putFaults } from '../../src/lab/cloud/faults.ts'
import { findLatestSynchronization } from '../../src/storage/synchronizations.ts'
import { prepareSynchronization } from '../../src/synchronization/prepareSynchronization.ts'
import { resumeExchanges } from '../../src/synchronization/resumeExchanges.ts'
import { administrator } from '../support/account.ts'
import { until } from '../support/until.ts'
import { openBranch, openUpstream, seenByCloud } from '../support/upstream.ts'

/** Carries one container to a cloud by the server's own carrier, and waits for the answer until it is killed. */
const carrier = `
  const { openNetworkCarrier } = await import(process.argv[1])
  const { settings, consignment, credentials } = JSON.parse((await process.stdin.toArray()).join(''))
  await openNetworkCarrier(settings).carry(consignment, credentials)
  console.log('carried')
  setInterval(() => {}, 1000)`

describe('a server that is killed between the request and the answer', () => {
  it('has its exchange finished by the next start, applied once on either side', async function () {
    this.timeout(60_000)
    const upstream = await openUpstream()
    const branch = await openBranch(upstream)
    try {
      const { context } = branch
      const { db } = context.storage
      const account = await branch.register()
      await upstream.database.write(database => putFaults(database, { slowSeconds: 3600 }))
      const wish = { localAccountId: account.id, kind: 'standard', reason: 'MANUAL', carrier: 'network' } as const
      const exchange = await prepareSynchronization(context, administrator, wish)
      const { request } = await db('synchronizations').where({ id: exchange.id }).first()
      const consignment = {
        exchange: 'synchronization',
        container: request,
        serverUuid: '',
        smartAccountId: account.smartAccount.id,
        virtualAccountId: account.virtualAccount.id,
      }
      const module = new URL('../../src/cloud/network.ts', import.meta.url).href
      const child = spawn(process.execPath, ['--input-type=module', '-e', carrier, module], { stdio: ['pipe', 'pipe', 'inherit'] })
      let said = ''
      child.stdout.on('data', piece => {
        said += piece
      })
      child.stdin.end(
        JSON.stringify({
          settings: { cloudUrl: context.config.cloudUrl, cloudCaFile: context.config.cloudCaFile },
          consignment,
          credentials: upstream.ready,
        }),
      )
      await until(() => said.includes('carried'))
      child.kill('SIGKILL')
      await until(() => child.signalCode === 'SIGKILL')
      assert.equal(seenByCloud(upstream, account.uuid).registration.lastSequence, 1, 'the cloud has taken it')
      assert.equal((await findLatestSynchronization(db, account.id))?.state, 'prepared', 'the server knows nothing of that')
      await upstream.database.write(database => putFaults(database, { slowSeconds: 0 }))
      await resumeExchanges(context)
      assert.equal((await findLatestSynchronization(db, account.id))?.state, 'applied')
      assert.equal(seenByCloud(upstream, account.uuid).registration.lastSequence, 1)
    } finally {
      await branch.close()
      await upstream.close()
    }
  })
})
