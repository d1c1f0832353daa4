import type { Db } from '../db.ts'

/** A session as an administrator sees it. */
export type SessionRow = {
  number: number
  username: string
  displayName: string
  address: string
  userAgent: string
  createdAt: Date
  seenAt: Date
}

/** Of one user, or of everybody; the one seen last first. */
export async function listSessionRows(
  db: Db,
  { username, since, seenSince, limit }: { username: string | null; since: Date; seenSince: Date; limit: number },
): Promise<SessionRow[]> {
  const { rows } = await db.raw(
    `select s.number, u.username, u.display_name as "displayName", s.address, s.user_agent as "userAgent", s.created_at as "createdAt", s.seen_at as "seenAt"
     from sessions s join users u on u.id = s.user_id
     where (:username::text is null or lower(u.username) = lower(:username)) and s.created_at > :since and s.seen_at > :seenSince
     order by s.seen_at desc, s.number desc limit :limit`,
    { username, since, seenSince, limit },
  )
  return rows
}
