import { createAdministrator } from '../administration/createAdministrator.ts'
import { createApiClient } from '../administration/createApiClient.ts'
import { readWay } from '../administration/network/readWay.ts'
import { turnSwitch } from '../administration/turnSwitch.ts'
import { unlockUser } from '../administration/unlockUser.ts'
import { proxyTo } from '../cloud/way.ts'
import { type Config, helpText } from '../config.ts'
import type { Context } from '../context.ts'
import { proxyAddress } from '../rules/proxy.ts'
import { tryConnection } from '../synchronization/tryConnection.ts'
import { certificateActs } from './certificate.ts'
import { health } from './health.ts'
import { operator, withContext } from './operator.ts'
import { describeSchema, migrateDatabase } from './schema.ts'
import { serve } from './serve.ts'
import { readAlerts, readStanding, withLook } from './standing.ts'
import { trailActs } from './trail.ts'

/** One thing the program does. */
type Command = { words: string; summary: string; run(config: Config, words: string[]): Promise<unknown> }

/** Everything the program does, by name. What is printed once is printed as JSON with `--json`, for programs that start it. */
export const commands: Record<string, Command> = {
  serve: { words: '', summary: 'serve until told to end (the default)', run: serve },
  migrate: {
    words: 'migrate [--keep SCHEMA]',
    summary: 'bring the database to the schema of this release; with --keep, one that a release of that schema can still work on',
    run: async (config, words) => say(await migrateDatabase(config, words)),
  },
  schema: {
    words: 'schema',
    summary: 'say, as JSON, which schema the database has and whether this release may work on it; changes nothing',
    run: async config => say(await describeSchema(config)),
  },
  health,
  status: {
    words: 'status --json',
    summary: 'how the server stands, from its database, also while it is down and on a standby; changes nothing',
    run: config => withLook(config, async look => data(await readStanding(look))),
  },
  alerts: {
    words: 'alerts --json',
    summary: 'the open alerts of the server and of all accounts, the most severe first',
    run: config => withLook(config, async look => data(await readAlerts(look))),
  },
  'cloud-test': {
    words: 'cloud-test --json',
    summary: 'go the way to the cloud up to the sign-in, and name the step that fails',
    run: config => withContext(config, async context => data(await tryConnection(context))),
  },
  certificate: {
    words: `certificate ${Object.keys(certificateActs).join('|')} --json`,
    summary: 'the certificate of the workspaces: show it, make a request for one, take one that was brought, make one by the own root',
    run: (config, words) => withContext(config, context => certificate(context, words)),
  },
  trail: {
    words: `trail ${Object.keys(trailActs).join('|')} --json`,
    summary:
      'the audit trail: verify its chain and name the first place that does not hold; write all of it, signed, into the backups folder',
    run: (config, words) => withContext(config, context => trail(context, words)),
  },
  unlock: {
    words: 'unlock USERNAME',
    summary: 'forget the failed sign-ins that locked somebody out',
    run: (config, words) => withContext(config, context => unlock(context, words)),
  },
  way: {
    words: 'way HOST',
    summary:
      'print, as JSON, how this server goes to a host: the proxy with its password, and whom it believes; for the programs beside it',
    run: (config, words) => withContext(config, context => way(context, words)),
  },
  administrator: {
    words: 'administrator create|reset USERNAME [--keep]',
    summary: 'make a System Administrator, or give one a new password; printed once, to be changed at the first sign-in unless --keep',
    run: (config, words) => withContext(config, context => administrator(context, words)),
  },
  'registration-tls': {
    words: 'registration-tls required|optional',
    summary:
      'say whether products must register over TLS, where a token is not read on its way; those that are registered go on as they are',
    run: (config, words) => withContext(config, context => registrationTls(context, words)),
  },
  'api-client': {
    words: 'api-client create NAME',
    summary: 'make an API client of the server, and switch the API on; its secret is printed once',
    run: (config, words) => withContext(config, context => apiClient(context, words)),
  },
}

/** What `--help` prints: the commands, then the settings. */
export function usage(): string {
  const lines = Object.values(commands).map(({ words, summary }) => `  npm run server -- ${words}\n      ${summary}`)
  return ['Quartermaster, a smart-license manager.', '', ...lines, '', helpText()].join('\n')
}

const say = (words: string) => void process.stdout.write(`${words}\n`)
const data = (values: unknown) => say(JSON.stringify(values))
const named = (words: string[]) => words.filter(word => !word.startsWith('--'))

async function administrator(context: Context, words: string[]): Promise<void> {
  const [act, username] = named(words)
  if ((act !== 'create' && act !== 'reset') || !username) throw new Error(`Say: ${commands.administrator!.words}`)
  const { password } = await createAdministrator(context, operator, {
    username,
    reset: act === 'reset',
    mustChangePassword: !words.includes('--keep'),
  })
  say(words.includes('--json') ? JSON.stringify({ username, password }) : `The password of ${username} is ${password}`)
}

async function way(context: Context, words: string[]): Promise<void> {
  const [host] = named(words)
  if (!host) throw new Error(`Say: ${commands.way!.words}`)
  const found = await readWay(context)
  const proxy = proxyTo(host, found)
  data({ proxy: proxy && { address: proxyAddress(proxy), user: proxy.user, password: proxy.password }, authorities: found.authorities })
}

async function certificate(context: Context, words: string[]): Promise<void> {
  const [name = ''] = named(words)
  const act = Object.hasOwn(certificateActs, name) ? certificateActs[name] : undefined
  if (!act) throw new Error(`Say: ${commands.certificate!.words}`)
  data(await act(context))
}

async function trail(context: Context, words: string[]): Promise<void> {
  const [name = ''] = named(words)
  const act = Object.hasOwn(trailActs, name) ? trailActs[name] : undefined
  if (!act) throw new Error(`Say: ${commands.trail!.words}`)
  data(await act(context))
}

async function unlock(context: Context, words: string[]): Promise<void> {
  const [username] = named(words)
  if (!username) throw new Error(`Say: ${commands.unlock!.words}`)
  await unlockUser(context, operator, username)
  say(words.includes('--json') ? JSON.stringify({ username, unlocked: true }) : `${username} may sign in again.`)
}

async function registrationTls(context: Context, words: string[]): Promise<void> {
  const [wish] = named(words)
  if (wish !== 'required' && wish !== 'optional') throw new Error(`Say: ${commands['registration-tls']!.words}`)
  await turnSwitch(context, operator, 'registrationTls', wish === 'required')
  say(`Product instances ${wish === 'required' ? 'must register over TLS' : 'may register without TLS'}.`)
}

async function apiClient(context: Context, words: string[]): Promise<void> {
  const [act, name] = named(words)
  if (act !== 'create' || !name) throw new Error(`Say: ${commands['api-client']!.words}`)
  const { clientId, clientSecret } = await createApiClient(context, operator, { name })
  await turnSwitch(context, operator, 'api', true)
  say(words.includes('--json') ? JSON.stringify({ clientId, clientSecret }) : `Client id:     ${clientId}\nClient secret: ${clientSecret}`)
}
