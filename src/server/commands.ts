import { createAdministrator } from '../administration/createAdministrator.ts'
import { createApiClient } from '../administration/createApiClient.ts'
import { turnSwitch } from '../administration/turnSwitch.ts'
import { type Config, helpText } from '../config.ts'
import type { Context } from '../context.ts'
import { newestKnown } from '../storage/migrate.ts'
import { askHealth } from './health.ts'
import { operator, withContext } from './operator.ts'
import { serve } from './serve.ts'

/** One thing the program does. */
type Command = { words: string; summary: string; run(config: Config, words: string[]): Promise<unknown> }

/** Everything the program does, by name. What is printed once is printed as JSON with `--json`, for programs that start it. */
export const commands: Record<string, Command> = {
  serve: { words: '', summary: 'serve until told to end (the default)', run: serve },
  migrate: {
    words: 'migrate',
    summary: 'bring the database to the schema of this release',
    run: config => withContext(config, async () => say(`The database has schema ${newestKnown()}.`)),
  },
  health: {
    words: 'health',
    summary: 'ask the running server whether it may take traffic; exit code 1 if not',
    run: async config => say(await askHealth(config)),
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

async function administrator(context: Context, words: string[]): Promise<void> {
  const [act, username] = words.filter(word => !word.startsWith('--'))
  if ((act !== 'create' && act !== 'reset') || !username) throw new Error(`Say: ${commands.administrator!.words}`)
  const { password } = await createAdministrator(context, operator, {
    username,
    reset: act === 'reset',
    mustChangePassword: !words.includes('--keep'),
  })
  say(words.includes('--json') ? JSON.stringify({ username, password }) : `The password of ${username} is ${password}`)
}

async function registrationTls(context: Context, words: string[]): Promise<void> {
  const wish = words.find(word => !word.startsWith('--'))
  if (wish !== 'required' && wish !== 'optional') throw new Error(`Say: ${commands['registration-tls']!.words}`)
  await turnSwitch(context, operator, 'registrationTls', wish === 'required')
  say(`Product instances ${wish === 'required' ? 'must register over TLS' : 'may register without TLS'}.`)
}

async function apiClient(context: Context, words: string[]): Promise<void> {
  const [act, name] = words.filter(word => !word.startsWith('--'))
  if (act !== 'create' || !name) throw new Error(`Say: ${commands['api-client']!.words}`)
  const { clientId, clientSecret } = await createApiClient(context, operator, { name })
  await turnSwitch(context, operator, 'api', true)
  say(words.includes('--json') ? JSON.stringify({ clientId, clientSecret }) : `Client id:     ${clientId}\nClient secret: ${clientSecret}`)
}
