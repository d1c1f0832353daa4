import { createApiClient } from '../../src/administration/createApiClient.ts'
import { issueAccessToken } from '../../src/administration/issueAccessToken.ts'
import { paths } from '../../src/web/paths.ts'
import { administrator } from '../support/account.ts'
import { everybody } from '../support/allowed.ts'
import { castPassword, type Member } from '../support/people.ts'
import { seesOf } from './expected.ts'
import type { Ground } from './ground.ts'
import { stateOf } from './stage.ts'
import { bodyFor } from './walkApi.ts'
import { formFor } from './walkWeb.ts'

const { licensing } = paths

/** Forms that name things in their fields, under one's own account. */
const forms = (account: string) => [
  licensing.instanceTransfer(account),
  licensing.instanceRemoval(account),
  licensing.batchTransfer(account),
  licensing.batchRemoval(account),
  licensing.licenseTransfer(account),
  licensing.tokens(account),
]
/** Calls that name things in their bodies, under one's own Local Virtual Account. */
const calls = ['devices/transfer', 'devices/remove', 'licenses/transfer', 'tokens/revoke']

/**
 * Everybody sends forms and bodies from their own place that name things of others: another account's and, who has no more than a Local Virtual
 * Account, its neighbour's. Gives each that changed anything; there should be none.
 */
export async function tryOthersIds(ground: Ground): Promise<string[]> {
  const changed: string[] = []
  for (const member of everybody) {
    const send = await senderOf(ground, member)
    for (const whose of ['neighbour', 'other'] as const) {
      for (const { name, isWeb, deed } of send(whose)) {
        // A form of the account reaches all that its administrators see; a call is about one Local Virtual Account, whoever it is.
        if (isWeb && whose === 'neighbour' && seesOf(member).includes('neighbour')) continue
        const before = await stateOf(ground.site.context.storage.db)
        await deed()
        if ((await stateOf(ground.site.context.storage.db)) !== before) changed.push(`${member}: ${name} with things of ${whose}`)
      }
    }
  }
  return changed
}

async function senderOf({ site, stage, api }: Ground, member: Member) {
  const person = await site.signedIn(member)
  const client = await createApiClient(site.context, administrator, { name: 'everything' })
  const user = { username: member.toLowerCase(), password: castPassword }
  const { accessToken: token } = await issueAccessToken(site.context, { ...client, address: '192.0.2.1', scopes: [], user })
  const base = `/api/v1/accounts/${stage.own.account}/virtual-accounts/${encodeURIComponent(stage.own.place.name)}`
  return (whose: 'neighbour' | 'other') => [
    ...forms(stage.own.account).map(path => ({
      name: `POST ${path}`,
      isWeb: true,
      deed: (): Promise<unknown> => person.submit('/password', path, formFor(stage[whose])),
    })),
    ...calls.map(path => ({
      name: `POST ${base}/${path}`,
      isWeb: false,
      deed: (): Promise<unknown> => api.send('POST', `${base}/${path}`, { token, json: bodyFor(stage, stage[whose]) }),
    })),
  ]
}
