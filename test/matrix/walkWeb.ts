import type { Route } from '../../src/web/route.ts'
import { somewhereInAccount, wholeAccount } from '../../src/web/route.ts'
import { routes } from '../../src/web/routes.ts'
import type { Visitor } from '../../src/web/visit.ts'
import { everybody } from '../support/allowed.ts'
import type { HttpVisitor } from '../support/httpVisitor.ts'
import type { Site } from '../support/site.ts'
import { type Aim, type Asked, aims } from './expected.ts'
import { type Stage, stateOf, type Things } from './stage.ts'
import { type Asker, actOf, type Cell, expectedOf, leaksIn, type Outcome, type Row, targetOf } from './walk.ts'

const stubbed = 299

/** The site map as it is; whoever asks with this header is told by a number that they got through, and changes nothing. */
const table = routes.map((route): Route => {
  const handler = (visit: Visitor) =>
    visit.request.get('X-Only-Ask') ? visit.response.status(stubbed).end() : (route.handler as (visit: Visitor) => unknown)(visit)
  return { ...route, handler } as Route
})

/** Walks every row of the site map as nobody and as each of the cast, with their own ids and with those of others. */
export async function walkWeb(site: Site, stage: Stage): Promise<Row[]> {
  await site.reopen(table)
  const people = new Map<Asker, HttpVisitor>([['nobody', site.visitor()]])
  for (const member of everybody) {
    const person = await site.signedIn(member)
    await person.token('/password')
    people.set(member, person)
  }
  const rows: Row[] = []
  for (const route of routes.filter(({ act }) => act !== 'anybody')) {
    const questions = [...people].flatMap(([asker, person]) =>
      (route.place === 'account' ? aims : aims.slice(0, 1)).map(aim => ({ asker, person, aim })),
    )
    const before = await stateOf(site.context.storage.db)
    const answered = await Promise.all(questions.map(({ asker, person, aim }) => ask(stage, route, asker, person, aim)))
    const changed = (await stateOf(site.context.storage.db)) !== before
    const cells = answered.map(cell => (changed && !cell.may ? { ...cell, outcome: 'CHANGED' as const } : cell))
    rows.push({ door: 'web', method: route.method, path: route.path, act: route.act, cells })
  }
  return rows
}

/** What the table of routes declares of a row. */
export function declared(route: Route): Asked {
  const names = nameOf(route)
  return { act: actOf(route.act), where: route.place, whole: route.kind === 'account' && route.where === wholeAccount, names }
}

function nameOf(route: Route): Asked['names'] {
  if (/:(schedule|batch)\b/.test(route.path)) return 'a schedule'
  if (/:(exchange|request)\b/.test(route.path)) return 'an exchange'
  if (/:(tag|alert|instance|token|virtualAccount)\b/.test(route.path)) return 'a thing'
  // A Local Virtual Account that a field of the form names.
  return route.kind === 'account' && route.where !== wholeAccount && route.where !== somewhereInAccount ? 'a thing' : 'nothing'
}

/** What is not on the stage: a release that was uploaded, an authority that is trusted, a receiver. They are of the server, where ids of others are none. */
const notOnStage = /:(release|fingerprint|client|rule|session|receiver)\b/
/** Pages whose file comes to be by a change before. */
const needsChange = ['/admin/accounts/:localAccount/courier/request']

async function ask(stage: Stage, route: Route, asker: Asker, person: HttpVisitor, aim: Aim): Promise<Cell> {
  const may = expectedOf(asker, declared(route), aim)
  const onlyAsk = may && (route.method === 'post' || notOnStage.test(route.path) || needsChange.includes(route.path))
  const { account, things } = targetOf(stage, aim)
  const form = formFor(things)
  const path = addressOf(route.path, account, things) + (aim === 'own' || route.method === 'post' ? '' : `?${new URLSearchParams(form)}`)
  const isDeed = route.method === 'post' && !onlyAsk
  const headers = { 'X-Form-Token': person.here.token, ...(onlyAsk && { 'X-Only-Ask': '1' }) }
  const answer = await person.send(route.method.toUpperCase(), path, route.method === 'post' ? { form, headers } : { headers })
  const outcome = outcomeOf(answer.status, String(answer.headers.location ?? ''), isDeed)
  return { asker, aim, outcome, may, leaks: leaksIn(answer.text, asker, stage, Object.values(form)) }
}

function outcomeOf(status: number, location: string, isDeed: boolean): Outcome {
  if (status === 303 && location.startsWith('/sign-in')) return 'sign in'
  if (status === 403) return 'no'
  if (status === 404) return 'none'
  if (status >= 500 && status !== 503) return 'BROKEN'
  return isDeed ? 'kept' : 'in'
}

const addressOf = (path: string, account: string, things: Things) =>
  path
    .replace(':localAccount', account)
    .replace(':username', 'sofia')
    .replace(':virtualAccount', String(things.place.id))
    .replace(':report', 'licenses')
    .replace(':tag', String(things.tag.id))
    .replace(
      /:(alert|instance|token|schedule|exchange|request|batch)\b/,
      (_, name: 'alert' | 'instance' | 'token' | 'schedule' | 'exchange' | 'request' | 'batch') => things[name],
    )
    .replace(notOnStage, '1')

/** Every field that any form has, filled so that whoever gets through does something with these things. */
export const formFor = (things: Things): Record<string, string> => ({
  ...{ id: things.instance, place: String(things.place.id), localVirtualAccount: String(things.place.id), from: String(things.place.id) },
  ...{ to: String(things.place.id), [`q${things.tag.id}`]: '1', name: 'Another name', description: 'Changed', days: '7', hour: '1' },
  ...{
    expiresAfterDays: '30',
    maxUses: '',
    recipients: 'thief@example.com',
    frequency: 'daily',
    fileKind: 'csv',
    reason: 'Because',
    expected: '1',
    confirmation: '1',
    search: '',
  },
})
