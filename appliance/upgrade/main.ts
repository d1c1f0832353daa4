import { Refusal } from '../../src/rules/refusal.ts'
import { applianceFolders } from '../actions/folders.ts'
import { run } from '../actions/run.ts'
import type { Ground } from './ground.ts'
import type { Entry } from './journal.ts'
import { renewHelper, restartUnits } from './services.ts'
import { checkRelease, resume, rollBack, upgrade, upgradeHistory } from './upgrade.ts'

const say = (line: object) => void process.stdout.write(`${JSON.stringify(line)}\n`)

/** The appliance that this program stands on. */
function applianceGround(): Ground {
  const { releases, data, settings } = applianceFolders()
  const { signal } = new AbortController()
  const start: Ground['run'] = (program, args, options = {}) => run(program, args, { ...options, signal })
  return {
    releases,
    data,
    environment: { QUARTERMASTER_CONFIG: `${settings}/settings.env` },
    restart: () => restartUnits(start),
    run: start,
    now: () => new Date(),
    tell: progress => say({ progress }),
    patience: { every: 2000, times: 5, within: 180_000 },
  }
}

/** What it does, by name. */
const deeds: Record<string, (ground: Ground, file: string) => Promise<object | undefined>> = {
  check: checkRelease,
  apply: (ground, file) => changing(ground, upgrade(ground, file)),
  rollback: ground => changing(ground, rollBack(ground)),
  resume: ground => changing(ground, resume(ground)),
  history: async ({ releases }) => upgradeHistory(releases),
}

/** After whatever may have changed the release the helper is started again, too. */
async function changing(ground: Ground, deed: Promise<Entry | undefined>): Promise<Entry | undefined> {
  const entry = await deed
  if (entry) await renewHelper(ground.run).catch(() => {})
  return entry
}

/**
 * `main.ts check|apply FILE`, `rollback`, `resume`, `history`: the upgrader as a program of its own, so that it outlives the helper that starts it; a unit
 * starts `resume` at boot. It prints a line of JSON for what it is at, and a last one with `result` or `error`.
 */
async function main([name = '', file = '']: string[]): Promise<number> {
  const deed = deeds[name]
  if (!deed || (file === '') !== !['check', 'apply'].includes(name)) {
    process.stderr.write('Say: check FILE, apply FILE, rollback, resume or history.\n')
    return 2
  }
  try {
    say({ result: (await deed(applianceGround(), file)) ?? null })
    return 0
  } catch (error) {
    say({ error: { code: error instanceof Refusal ? error.code : 'FAULT', message: (error as Error).message } })
    return 1
  }
}

// Everybody may read a release, the server's user for one; the helper's own umask lets nobody.
process.umask(0o022)
// The helper that started it may be gone by now: what it would be told stands in the history.
process.stdout.on('error', () => {})
process.exitCode = await main(process.argv.slice(2))
