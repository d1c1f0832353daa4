import { createApiClient } from '../../src/administration/createApiClient.ts'
import { issueAccessToken } from '../../src/administration/issueAccessToken.ts'
import type { CallRoute } from '../../src/api/route.ts'
import { routes } from '../../src/api/routes.ts'
import { findLocalAccountByUuid } from '../../src/storage/localAccounts.ts'
import { administrator } from '../support/account.ts'
import { everybody } from '../support/allowed.ts'
import type { ServedApi } from '../support/apiSite.ts'
import type { TestContext } from '../support/context.ts'
import { castPassword, type Member } from '../support/people.ts'
import { type Aim, type Asked, aims } from './expected.ts'
import { giveCloudSignIns, type Stage, stateOf, type Things } from './stage.ts'
import { type Asker, actOf, type Cell, expectedOf, leaksIn, type Outcome, type Row, targetOf } from './walk.ts'

type Ground = { context: TestContext; api: ServedApi; stage: Stage }

/** Walks every call of the API that asks who comes: as nobody, as each of the cast by password, as a client of the account and as one of another. */
export async function walkApi(ground: Ground): Promise<Row[]> {
  const tokens = await tokensOf(ground)
  await ground.context.storage.db('cloud_credentials').delete()
  const rows: Row[] = []
  for (const route of routes.filter((each): each is CallRoute => each.kind === 'call')) {
    const questions = [...tokens].flatMap(([asker, token]) =>
      (route.where === 'server' ? aims.slice(0, 1) : aims).map(aim => ({
        asker,
        token,
        aim,
        may: expectedOf(asker, declared(route), aim),
      })),
    )
    const cells: Cell[] = []
    // Who may, one after the other: what they take away has to be there for the next.
    for (const question of questions.filter(({ may }) => may)) {
      if (route.method === 'delete') await giveCloudSignIns(ground.context)
      cells.push(await ask(ground, route, question))
    }
    const before = await stateOf(ground.context.storage.db)
    const refused = await Promise.all(questions.filter(({ may }) => !may).map(question => ask(ground, route, question)))
    const changed = (await stateOf(ground.context.storage.db)) !== before
    cells.push(...refused.map(cell => (changed ? { ...cell, outcome: 'CHANGED' as const } : cell)))
    // An account that signs in at a cloud would ask it, and there is none here.
    await ground.context.storage.db('cloud_credentials').delete()
    rows.push({ door: 'api', method: route.method, path: route.path, act: route.act, cells })
  }
  return rows
}

async function tokensOf({ context, api, stage }: Ground): Promise<Map<Asker, string | undefined>> {
  const client = await createApiClient(context, administrator, { name: 'everything' })
  const byPassword = async (member: Member) => {
    const user = { username: member.toLowerCase(), password: castPassword }
    return (await issueAccessToken(context, { ...client, address: '192.0.2.1', scopes: [], user })).accessToken
  }
  const tokens = new Map<Asker, string | undefined>([['nobody', undefined]])
  for (const member of everybody) tokens.set(member, await byPassword(member))
  for (const [asker, whose] of [['client', 'own'] as const, ['client elsewhere', 'other'] as const]) {
    const account = await findLocalAccountByUuid(context.storage.db, stage[whose].account)
    tokens.set(asker, await api.token({ localAccountId: account!.id }))
  }
  return tokens
}

function declared({ act, where, path, operation }: CallRoute): Asked {
  // The list is open to everybody, and shows each what is theirs.
  if (operation === 'listAccounts') return { act: 'oneself', where: 'none', whole: false, names: 'nothing' }
  const names = path.includes('{job}') ? 'an exchange' : /\{(virtualAccount|tag)\}/.test(path) ? 'a thing' : 'nothing'
  return { act: actOf(act), where: where === 'server' ? 'server' : 'account', whole: where === 'whole account', names }
}

type Question = { asker: Asker; token: string | undefined; aim: Aim; may: boolean }

async function ask({ api, stage }: Ground, route: CallRoute, { asker, token, aim, may }: Question): Promise<Cell> {
  const { account, things } = targetOf(stage, aim)
  // Whoever may gives an empty body: what is asked is who is let in, and nothing is to be done.
  const json = may ? {} : bodyFor(stage, things)
  const isDeed = route.method !== 'get' && !may
  const sent = { token, ...(route.method === 'post' && { json }) }
  const { status, body } = await api.send(route.method.toUpperCase(), addressOf(route.path, account, things), sent)
  return {
    asker,
    aim,
    may,
    outcome: outcomeOf(status, isDeed),
    leaks: leaksIn(body, asker, stage, [things.tag.name, things.place.name]),
  }
}

function outcomeOf(status: number, isDeed: boolean): Outcome {
  if (status === 401) return 'sign in'
  if (status === 403) return 'no'
  if (status === 404) return 'none'
  // 502: there is no cloud here.
  if (status >= 500 && status !== 502) return 'BROKEN'
  return isDeed ? 'kept' : 'in'
}

const addressOf = (path: string, account: string, { place, tag, exchange }: Things) =>
  path
    .replace('{account}', account)
    .replace('{virtualAccount}', encodeURIComponent(place.name))
    .replace('{tag}', encodeURIComponent(tag.name))
    .replace('{report}', 'licenses')
    .replace('{job}', exchange)

/** Every member that any call takes, filled so that whoever gets through does something with these things. */
export const bodyFor = (stage: Stage, { instance, token, tag, place }: Things): Record<string, unknown> => ({
  ...{ productInstances: [instance], tokens: [token], targetVirtualAccount: stage.own.place.name, name: 'Another name' },
  licenses: [{ license: tag.name, quantity: 1, targetVirtualAccount: stage.own.place.name }],
  virtualAccounts: [place.name],
})
