import { createSecretKey, randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import pino from 'pino'
import { readConfig } from '../../src/config.ts'
import type { Context } from '../../src/context.ts'
import { openAuthority } from '../../src/pki/authority.ts'
import { makeSecretBox } from '../../src/pki/secretBox.ts'
import type { Clock } from '../../src/rules/clock.ts'
import type { Storage } from '../../src/storage/db.ts'
import { findAuthorityRow, findServerSignerRow } from './authorityRows.ts'

/** A context, and every line that was logged in it. */
export type TestContext = Context & { logged: string[] }

/** What verbs and doors are given, on a test's database and clock. Nobody carries anything to a cloud; the log is kept, at its most talkative. */
export function testContext(storage: Storage, clock: Clock): TestContext {
  const secrets = makeSecretBox(createSecretKey(randomBytes(32)))
  const logged: string[] = []
  const nobody = () => Promise.reject(new Error('There is no cloud in this test'))
  return {
    clock,
    storage,
    secrets,
    authority: openAuthority(secrets, {
      load: id => findAuthorityRow(storage.db, id),
      loadServerSigner: () => findServerSignerRow(storage.db),
    }),
    cloud: { carry: nobody, ask: nobody, tryOut: async () => [] },
    log: pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) }),
    config: readConfig({ QUARTERMASTER_DATA: tmpdir() }),
    logged,
  }
}
