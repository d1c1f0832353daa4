import { later, minute } from '../rules/clock.ts'
import type { Db } from './db.ts'

/** A sign-in that is under way at a provider; `secrets` is sealed. The browser holds the identifier, the table its hash. */
export type ProviderSignIn = { idHash: Buffer; secrets: Buffer; next: string; createdAt: Date }

/** So long somebody has to sign in at the provider. */
const longest = 15 * minute

/** Keeps a sign-in that begins, as long as there are fewer than `most`; false where there are as many. Those that were given up are forgotten. */
export async function insertProviderSignIn(db: Db, signIn: ProviderSignIn, most: number): Promise<boolean> {
  await db('provider_sign_ins').where('created_at', '<=', later(signIn.createdAt, -longest)).delete()
  const { rowCount } = await db.raw(
    `insert into provider_sign_ins (id_hash, secrets, next, created_at)
     select :idHash, :secrets, :next, :createdAt where (select count(*) from provider_sign_ins) < :most`,
    { ...signIn, most },
  )
  return rowCount === 1
}

/** Takes a sign-in that is under way, which can be done once; undefined where there is none, or it began too long ago. */
export async function takeProviderSignIn(db: Db, idHash: Buffer, now: Date): Promise<Omit<ProviderSignIn, 'idHash'> | undefined> {
  const [row] = await db('provider_sign_ins').where({ id_hash: idHash }).delete().returning(['secrets', 'next', 'created_at'])
  if (!row || row.created_at <= later(now, -longest)) return undefined
  return { secrets: row.secrets, next: row.next, createdAt: row.created_at }
}
