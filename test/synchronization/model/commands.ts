import fc from 'fast-check'
import { putFaults } from '../../../src/lab/cloud/faults.ts'
import { askForRemoval } from '../../../src/lab/cloud/store/commands.ts'
import { hour } from '../../../src/rules/clock.ts'
import { Refusal } from '../../../src/rules/refusal.ts'
import { findLatestSynchronization, getExchangeFile } from '../../../src/storage/synchronizations.ts'
import { synchronizeLocalAccount } from '../../../src/synchronization/synchronizeLocalAccount.ts'
import { withholdFromCloud } from '../../../src/synchronization/withholdFromCloud.ts'
import { administrator } from '../../support/account.ts'
import { standProduct, useLicenses } from '../../support/upstream.ts'
import type { Loss } from './bothSides.ts'
import type { World } from './world.ts'

/** The model holds no state beside the world's own books. */
type Model = Record<string, never>
type Command = fc.AsyncCommand<Model, World>

const pick = <T>(items: T[], at: number): T | undefined => items[at % Math.max(items.length, 1)]

/** Something that happens; it may always happen. */
const happening = (words: string, run: (world: World) => Promise<unknown>): Command => ({
  check: () => true,
  run: async (_model, world) => void (await run(world)),
  toString: () => words,
})

/** The verb that pages, the API and the schedule call; whatever is lost on the line, it says so by a refusal. */
async function byNetwork(world: World, kind: 'standard' | 'full', loss: Loss): Promise<void> {
  const { context, line } = world.sides
  line.loss = loss
  const cloud = {
    ...context.cloud,
    async carry(consignment: Parameters<typeof context.cloud.carry>[0]) {
      if (loss === 'the request') throw new Refusal('CLOUD_UNREACHABLE', 'The line was cut.')
      const response = await world.deliver(consignment.container)
      if (loss === 'the answer' || response === undefined) throw new Refusal('CLOUD_UNREACHABLE', 'The line was cut.')
      return { status: 'complete' as const, container: response }
    },
  }
  await synchronizeLocalAccount({ ...context, cloud }, administrator, world.accountId, kind).catch(refused)
  const latest = await findLatestSynchronization(world.db, world.accountId)
  if (latest) world.requests.push((await getExchangeFile(world.db, latest, 'request'))!)
}

function refused(error: unknown): void {
  if (!(error instanceof Refusal)) throw error
}

async function somebodyUses(world: World, at: number, quantity: number): Promise<void> {
  const id = pick((await world.db('product_instances').orderBy('id').pluck('id')) as string[], at)
  const { branch, account, upstream } = world.sides
  const { advantage, essentials } = upstream.ready.tags
  if (id) await useLicenses(branch, account, id, quantity === 0 ? {} : { [at % 2 ? advantage : essentials]: quantity }).catch(refused)
}

async function somebodyLeaves(world: World, at: number): Promise<void> {
  const { sides } = world
  const ids = (await world.db('product_instances').orderBy('id').pluck('id')) as string[]
  const id = pick(ids, at)
  if (!id || ids.length < 2) return
  await useLicenses(sides.branch, sides.account, id, {})
  await world.db('product_instances').where({ id }).delete()
}

async function cloudOrders(world: World, at: number): Promise<void> {
  const { productIds, registration } = world.seen()
  const id = pick(productIds, at)
  if (id) await world.sides.upstream.database.write(db => askForRemoval(db, registration.id, id))
}

async function cloudSells(world: World, quantity: number): Promise<void> {
  const shop = world.sides.upstream.shop('Model')
  const [lot] = shop.lots()
  if (!lot) return void (await shop.buy(world.sides.upstream.ready.tags.advantage, quantity + 1))
  if (quantity === 0) return shop.remove(lot.id)
  await shop.set(lot.id, quantity)
}

async function timePasses(world: World, hours: number): Promise<void> {
  world.sides.clocks.server.advance(hours * hour)
  world.sides.clocks.cloud.advance(hours * hour)
}

async function clockGoesWrong(world: World, hours: number): Promise<void> {
  world.sides.clocks.server.advance((hours - world.skew) * hour)
  world.skew = hours
}

async function restored(world: World, at: number): Promise<void> {
  const life = pick(world.backups, at)
  if (life) await world.restore(life)
}

/** Two servers with one past: from now on the world is the one or the other. */
async function otherClone(world: World): Promise<void> {
  const here = await world.takeBackup()
  if (world.clone) await world.restore(world.clone)
  world.clone = here
}

const place = fc.nat(40)
const kind = fc.constantFrom('standard' as const, 'full' as const)
const loss = fc.constantFrom<Loss>('nothing', 'nothing', 'the request', 'the answer')

/** "random exchanges with losses of request and answer, replays, cancellations, restored backups, clones, clock trouble, re-submitted files". */
export const anyCommands = fc.commands(
  [
    fc.tuple(kind, loss).map(([type, lost]) => happening(`by network: ${type}, losing ${lost}`, world => byNetwork(world, type, lost))),
    fc.tuple(kind, loss).map(([type, lost]) => happening(`by network: ${type}, losing ${lost}`, world => byNetwork(world, type, lost))),
    kind.map(type => happening(`a courier's ${type} request is prepared`, world => world.prepareByHand(type))),
    kind.map(type =>
      happening(`a courier brings a ${type} one up and back`, async world => {
        const response = await world.deliver(await world.prepareByHand(type))
        if (response) await world.upload(response)
      }),
    ),
    place.map(at =>
      happening(`request ${at} is carried (again)`, async world => {
        const request = pick(world.requests, at)
        if (request) await world.deliver(request)
      }),
    ),
    place.map(at =>
      happening(`response ${at} is uploaded (again)`, async world => {
        const response = pick(world.responses, at)
        if (response) await world.upload(response)
      }),
    ),
    fc.constant(
      happening('the last response is uploaded', async world => {
        const response = world.responses.at(-1)
        if (response) await world.upload(response)
      }),
    ),
    fc.constant(happening('a backup is taken', async world => world.backups.push(await world.takeBackup()))),
    place.map(at => happening(`backup ${at} is restored`, world => restored(world, at))),
    fc.constant(happening('the other of two clones goes on', otherClone)),
    fc.constantFrom(1, 30, 24 * 12, 24 * 31).map(hours => happening(`${hours} hours pass`, world => timePasses(world, hours))),
    fc
      .constantFrom(0, -30, -2, 2, 30, 24 * 40)
      .map(hours => happening(`the server's clock is ${hours} hours off`, world => clockGoesWrong(world, hours))),
    fc.constant(
      happening('the cloud asks for a full one', world => world.sides.upstream.database.write(db => putFaults(db, { askForFull: 1 }))),
    ),
    fc.constant(happening('a product comes', world => standProduct(world.sides.branch, world.sides.account))),
    place.map(at => happening(`product ${at} goes`, world => somebodyLeaves(world, at))),
    fc
      .tuple(place, fc.nat(9))
      .map(([at, quantity]) => happening(`product ${at} uses ${quantity}`, world => somebodyUses(world, at, quantity))),
    place.map(at => happening(`the cloud orders product ${at} removed`, world => cloudOrders(world, at))),
    fc.nat(20).map(quantity => happening(`the cloud sells ${quantity}`, world => cloudSells(world, quantity))),
    fc.boolean().map(hostname =>
      happening(hostname ? 'hostnames are withheld' : 'hostnames are told', world =>
        withholdFromCloud(world.sides.context, administrator, {
          localAccountId: world.accountId,
          privacy: { hostname, ip: false, mac: false },
        }),
      ),
    ),
  ],
  { maxCommands: 20, size: 'max' },
)
