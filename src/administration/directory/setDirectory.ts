import type { Context } from '../../context.ts'
import { readFilter } from '../../directory/ldap.ts'
import { checkDirectorySettings, type DirectorySettings, filterFor, serverName } from '../../rules/directory.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import type { Person } from '../../rules/roles.ts'
import type { Db } from '../../storage/db.ts'
import { findDirectory, putDirectory } from '../../storage/directorySettings.ts'
import { recordEvent } from '../../storage/events.ts'
import { deleteSessionsFrom } from '../../storage/sessions.ts'
import { bindPassword } from './readDirectory.ts'

/** A directory as somebody wants it. Without a password the one that is kept stays, as long as it is for the same account at the same servers. */
export type DirectoryWish = { settings: DirectorySettings; password?: string | undefined }

/**
 * Says in which directory people are looked up, or with null that there is none; then nobody of it stays signed in. It counts from the next
 * sign-in on. Refuses settings that cannot be used, and an account without a password: what was told one server is not shown to another.
 */
export async function setDirectory(context: Context, who: Person, wish: DirectoryWish | null): Promise<void> {
  if (wish) checkAll(wish.settings)
  const at = context.clock.now()
  await context.storage.transaction(async tx => {
    const stored = wish && { settings: wish.settings, sealedPassword: await passwordFor(context, tx, wish) }
    await putDirectory(tx, stored, { at, who: who.name })
    if (!wish) await deleteSessionsFrom(tx, 'directory')
    const message = wish
      ? `People are now looked up in the directory ${wish.settings.servers.map(serverName).join(', ')} (${wish.settings.security}).`
      : 'People are not looked up in a directory any more.'
    await recordEvent(tx, { localAccountId: 0, at, kind: 'settings changed', message, who: who.name })
  })
}

function checkAll(settings: DirectorySettings): void {
  checkDirectorySettings(settings)
  readFilter(filterFor(settings.userFilter, 'somebody'), 'userFilter')
  readFilter(settings.groupFilter, 'groupFilter')
}

async function passwordFor(context: Context, tx: Db, { settings, password = '' }: DirectoryWish): Promise<Buffer | null> {
  if (settings.bindName === null) {
    refuseUnless(password === '', 'INVALID', 'A password needs an account: name both, or neither.', 'bindName')
    return null
  }
  if (password !== '') return context.secrets.seal(password, bindPassword)
  const kept = await findDirectory(tx)
  const isSame = kept && kept.settings.bindName === settings.bindName && knows(kept.settings, settings)
  refuseUnless(kept?.sealedPassword && isSame, 'INVALID', `Give the password of ${settings.bindName} for these servers.`, 'password')
  return kept.sealedPassword
}

/** Whether each server that is wanted was told the password before, and by a connection that was no less protected. */
const knows = (kept: DirectorySettings, wanted: DirectorySettings) =>
  wanted.servers.every(server => kept.servers.some(each => serverName(each) === serverName(server))) &&
  (wanted.security !== 'none' || kept.security === 'none')
