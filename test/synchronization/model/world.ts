import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { putFaults } from '../../../src/lab/cloud/faults.ts'
import { listRegistrations } from '../../../src/lab/cloud/store/registrations.ts'
import { readCertificate } from '../../../src/pki/certificate.ts'
import { verifyChain } from '../../../src/pki/trustChain.ts'
import { day } from '../../../src/rules/clock.ts'
import type { Synchronization } from '../../../src/rules/exchanges.ts'
import { Refusal } from '../../../src/rules/refusal.ts'
import { listEntitlements } from '../../../src/storage/entitlements.ts'
import { getLocalAccount } from '../../../src/storage/localAccounts.ts'
import { findResynchronization } from '../../../src/storage/resynchronizations.ts'
import { getExchangeFile } from '../../../src/storage/synchronizations.ts'
import { applySynchronization } from '../../../src/synchronization/applySynchronization.ts'
import { licensingRoots } from '../../../src/synchronization/licensingRoots.ts'
import { prepareSynchronization } from '../../../src/synchronization/prepareSynchronization.ts'
import { administrator } from '../../support/account.ts'
import { payloadText, seenByCloud } from '../../support/upstream.ts'
import { type BothSides, start } from './bothSides.ts'
import { type Backup, restoreBackup, restoreCloud, takeBackup } from './keepsakes.ts'

/** A server's own past: what it has applied. A backup has one, and a clone goes on with one of its own. */
type Life = { backup: Backup; applied: string[] }

/**
 * Everything that a run of the model may do to both sides, and what must hold whatever it does. It watches what passes between them by itself
 * and trusts neither.
 */
export class World {
  readonly sides: BothSides
  readonly base: Backup
  requests: string[] = []
  responses: string[] = []
  backups: Life[] = []
  /** The other one of two servers with one past; undefined while there is one. */
  clone: Life | undefined
  /** Hashes of the responses that this life of the server has applied. */
  applied: string[] = []
  /** Hashes of the requests that the cloud has taken. */
  taken: string[] = []
  /** When the cloud last met what a server with one past cannot send, and whether it must have told a person by now. */
  strangeAt: number | undefined
  mustBeFlagged = false
  skew = 0

  constructor(sides: BothSides, base: Backup) {
    this.sides = sides
    this.base = base
  }

  /** Both sides as they were after the registration. */
  async begin(): Promise<void> {
    const { clocks, upstream } = this.sides
    clocks.server.set(start)
    clocks.cloud.set(start)
    await restoreCloud(upstream.database)
    await this.put(this.base)
  }

  get db() {
    return this.sides.context.storage.db
  }
  get accountId() {
    return this.sides.account.id
  }
  account = () => getLocalAccount(this.db, this.accountId)
  seen = () => seenByCloud(this.sides.upstream, this.sides.account.uuid)

  async put(backup: Backup): Promise<void> {
    await restoreBackup(this.db, backup)
    this.sides.context.authority.forget(this.accountId)
  }

  prepare(kind: 'standard' | 'full', carrier: 'network' | 'manual'): Promise<Synchronization> {
    return prepareSynchronization(this.sides.context, administrator, { localAccountId: this.accountId, kind, reason: 'MANUAL', carrier })
  }

  async prepareByHand(kind: 'standard' | 'full'): Promise<string> {
    const request = (await getExchangeFile(this.db, await this.prepare(kind, 'manual'), 'request'))!
    this.requests.push(request)
    return request
  }

  /** Gives a request to the cloud, whoever carries it, and watches what the cloud makes of it. */
  async deliver(request: string): Promise<string | undefined> {
    const hash = hashOf(request)
    const { sequence } = JSON.parse(payloadText(request))
    const before = this.seen().registration
    const carried = await this.sides.deliver(request)
    const after = this.seen().registration
    if (after.chainHash !== before.chainHash) {
      assert.equal(after.lastRequestHash, hash)
      assert.ok(!this.taken.includes(hash), 'the cloud has taken a request twice')
      assert.equal(after.lastSequence, before.lastSequence + 1)
      this.taken.push(hash)
    }
    if (carried.status !== 'complete') return undefined
    this.responses.push(carried.container)
    const answer = JSON.parse(payloadText(carried.container))
    const isStrange = answer.message_code === 'CHAIN_BROKEN' && sequence <= before.lastSequence
    if (isStrange && !this.taken.includes(hash)) this.noteStrange()
    return carried.container
  }

  /** "the second time within 30 days from one server_uuid: flag 'possible clone' to a person" */
  noteStrange(): void {
    const now = this.sides.clocks.cloud.now().getTime()
    if (this.strangeAt !== undefined && this.strangeAt > now - 30 * day) this.mustBeFlagged = true
    this.strangeAt = now
  }

  /** Gives a response to the server; a refusal is an answer, a fault is a failure of the model. */
  async upload(response: string): Promise<Synchronization | undefined> {
    const before = await this.account()
    try {
      const done = await applySynchronization(this.sides.context, administrator, { localAccountId: this.accountId, file: response })
      if (done.state === 'applied') {
        assert.ok(!this.applied.includes(hashOf(response)), 'the server has applied a response twice')
        this.applied.push(hashOf(response))
        await this.checkCertificates()
      } else assert.deepEqual(chainOf(await this.account()), chainOf(before), 'what was not applied moved the chain')
      return done
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      assert.deepEqual(chainOf(await this.account()), chainOf(before), 'what was refused moved the chain')
      return undefined
    }
  }

  async takeBackup(): Promise<Life> {
    return { backup: await takeBackup(this.db), applied: [...this.applied] }
  }

  async restore(life: Life): Promise<void> {
    this.applied = [...life.applied]
    await this.put(life.backup)
  }

  /** The trouble is over: the clocks are right, the line is whole, and the server asks as anybody would. It takes two exchanges at most. */
  async heal(): Promise<void> {
    const { clocks, upstream, line } = this.sides
    line.loss = 'nothing'
    await upstream.database.write(db => putFaults(db, { askForFull: 0, wrongClockHours: 0 }))
    clocks.server.set(new Date(Math.max(clocks.cloud.now().getTime(), clocks.server.now().getTime())))
    clocks.cloud.set(clocks.server.now())
    this.skew = 0
    for (let exchanges = 0; exchanges < 2 && !(exchanges > 0 && (await this.isInStep())); exchanges++) {
      const response = await this.deliver(await this.prepareByHand('standard'))
      assert.ok(response, 'the cloud refuses the server')
      await this.upload(response)
    }
    assert.ok(await this.isInStep(), 'two exchanges were not enough')
  }

  async isInStep(): Promise<boolean> {
    const { registration } = this.seen()
    const { sequence, chainHash } = await this.account()
    const asked = await findResynchronization(this.db, this.accountId)
    return registration.lastSequence === sequence && registration.chainHash === chainHash && asked === undefined
  }

  /** From then on a standard one is enough (it also tells what the cloud ordered with the last), and both know the same of products, use and lots. */
  async checkAgreement(): Promise<void> {
    const next = await this.upload((await this.deliver(await this.prepareByHand('standard')))!)
    assert.deepEqual([next?.kind, next?.state, next?.code], ['standard', 'applied', null])
    const { productIds, usage } = this.seen()
    assert.deepEqual(productIds, (await this.db('product_instances').orderBy('id').pluck('id')) as string[])
    const rows = await this.db('authorizations as a')
      .join('entitlement_tags as t', 't.id', 'a.tag_id')
      .where('in_use', '>', 0)
      .select('tag', 'in_use')
    const inUse = Object.fromEntries(Object.entries(usage).filter(([, number]) => number > 0))
    assert.deepEqual(inUse, Object.fromEntries(rows.map(row => [row.tag, row.in_use])))
    const lots = this.sides.upstream.shop('Model').lots()
    const owned = (await listEntitlements(this.db, this.accountId)).map(lot => `${lot.licenseId} ${lot.quantity}`)
    assert.deepEqual(owned.sort(), lots.map(lot => `L-${lot.id} ${lot.quantity}`).sort())
  }

  checkFlag(): void {
    const found = listRegistrations(this.sides.upstream.database.read).find(each => each.localAccountId === this.sides.account.uuid)
    assert.equal(found!.possibleCloneAt !== null, this.mustBeFlagged, 'a clone is flagged the second time, and nothing else is')
  }

  /** "same keys, same subjects": what products were given before stays good, and replies are signed by whom they can believe. */
  async checkCertificates(): Promise<void> {
    const { context, idCertificate, clocks } = this.sides
    const authority = await context.authority.of(this.accountId)
    const roots = licensingRoots(context.config)
    const now = new Date(Math.max(clocks.server.now().getTime(), start.getTime()))
    verifyChain(idCertificate, authority.chain.map(readCertificate), roots, now, { purpose: 'idCertificate' })
    const { signer } = authority
    verifyChain(signer.certificate, signer.chain.map(readCertificate), roots, clocks.server.now(), { purpose: 'messageSigner' })
  }
}

const hashOf = (container: string) =>
  createHash('sha256')
    .update(Buffer.from(JSON.parse(container).payload, 'base64url'))
    .digest('hex')
const chainOf = ({ sequence, chainHash }: { sequence: number | null; chainHash: string | null }) => ({ sequence, chainHash })
