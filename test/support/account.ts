import { randomUUID } from 'node:crypto'
import type { Context } from '../../src/context.ts'
import { createRegistrationToken } from '../../src/licensing/createRegistrationToken.ts'
import type { LocalAccount, LocalVirtualAccount } from '../../src/rules/accounts.ts'
import type { Person } from '../../src/rules/roles.ts'
import type { RegistrationToken } from '../../src/rules/tokens.ts'
import { insertLocalAccount } from '../../src/storage/localAccounts.ts'
import { insertLocalVirtualAccount } from '../../src/storage/localVirtualAccounts.ts'
import { insertAuthority, insertServerSigner } from './authorityRows.ts'

/** Somebody who may do everything. */
export const administrator: Person = { kind: 'user', name: 'ada', assignments: [{ role: 'system-administrator' }] }

/** A Local Account that is registered with the cloud, with its Default Local Virtual Account. */
export type RegisteredAccount = { account: LocalAccount; place: LocalVirtualAccount }

/** Registers a Local Account without a cloud: its rows, its keys, and the server signer that the first registration brings. */
export async function registeredAccount(context: Context, given: Partial<LocalAccount> = {}): Promise<RegisteredAccount> {
  const now = context.clock.now()
  const { db } = context.storage
  const uuid = randomUUID()
  const account = await insertLocalAccount(db, {
    uuid,
    name: `Account ${uuid.slice(0, 8)}`,
    state: 'registered',
    smartAccount: { id: randomUUID(), name: 'Example Corp' },
    virtualAccount: { id: randomUUID(), name: 'Laboratory' },
    requestedBy: administrator.name,
    requestedAt: now,
    registeredAt: now,
    lastSynchronizedAt: now,
    ...given,
  })
  const place = await insertLocalVirtualAccount(db, { localAccountId: account.id, name: 'Default', isDefault: true, createdAt: now })
  await Promise.all([insertAuthority(context, account), insertServerSigner(context)])
  return { account, place }
}

/** A token of an account's Default Local Virtual Account. */
export const newToken = (
  context: Context,
  { account, place }: RegisteredAccount,
  given: { days?: number; maximumUses?: number | null; exportControlled?: boolean } = {},
): Promise<{ token: RegistrationToken; secret: string }> =>
  createRegistrationToken(context, administrator, {
    localAccountId: account.id,
    localVirtualAccountId: place.id,
    description: '',
    days: 30,
    maximumUses: null,
    exportControlled: false,
    ...given,
  })
