import type { Context } from '../../context.ts'
import { type BackupSchedule, checkBackupSchedule } from '../../rules/backups.ts'
import type { Person } from '../../rules/roles.ts'
import { nextRun } from '../../rules/schedules.ts'
import { type Destination, putBackupSchedule } from '../../storage/backupSchedule.ts'
import { recordEvent } from '../../storage/events.ts'
import { getServerIdentity } from '../../storage/serverIdentity.ts'
import { checkDestination } from './shipBackup.ts'
import { checkPassphrase } from './takeBackup.ts'

/** What the passphrase is sealed as. */
export const passphrasePurpose = 'backup passphrase'

/**
 * Decides when the server takes a backup by itself, what it keeps of those, and where copies go. The passphrase is kept sealed under the server
 * key: whoever has both has the server anyway.
 */
export async function scheduleBackups(
  { storage, secrets, clock }: Context,
  who: Person,
  { passphrase, destination, ...schedule }: BackupSchedule & { passphrase: string; destination: Destination | null },
): Promise<void> {
  checkBackupSchedule(schedule)
  checkPassphrase(passphrase)
  if (destination) checkDestination(destination)
  const { frequency, hour, keep } = schedule
  const at = clock.now()
  await storage.transaction(async tx => {
    const { serverUuid } = await getServerIdentity(tx)
    await putBackupSchedule(tx, {
      ...schedule,
      passphrase: secrets.seal(passphrase, passphrasePurpose),
      destination,
      nextAt: nextRun(schedule, serverUuid, at),
      changedAt: at,
      changedBy: who.name,
    })
    const words = frequency === 'off' ? 'only when somebody asks' : `${frequency}, from ${String(hour).padStart(2, '0')}:00 UTC on`
    const kept = `${keep.daily} daily, ${keep.weekly} weekly and ${keep.monthly} monthly ones are kept`
    const message = `Backups are now taken ${words}; ${kept}${destination ? `; copies go to ${destination.host}` : ''}.`
    await recordEvent(tx, { localAccountId: 0, at, kind: 'settings changed', message, who: who.name })
  })
}
