import type { Knex } from 'knex'
import { type Crowd, expiredEvery } from './sizes.ts'

export type Tx = Knex.Transaction

/** An account to be filled: its number in the database, its place among the accounts, where its instances stand and what let them in. */
export type Plot = { localAccountId: number; ordinal: number; crowd: Crowd; places: number[]; tokens: string[]; now: Date }

/** Towns that names of devices begin with. */
const towns =
  `ams ant ath bar bas ber bil bol bra bre bri bru bud buk car cgn cop cph dre dub dus edi fra gdn gen glw got gra ham han hel ist kat kra
  lei lil lis liv lon lux lyo mad man mil mun nap nce nue osl par poz pra rig rom rot sev sof sto str tal tou trn vie zrh`.split(/\s+/)

/** How the years are spread: an account's instances registered over this many days. */
const daysOfRegistrations = 900

/**
 * Lays an account's instances out as a table of this transaction, `made`: what everything else is written from. Each row follows from the
 * account's place, `n`, and `h`, sixty-four bits that PostgreSQL's own hash gives for the two; no row is left to chance. Identifiers have
 * the form of src/rules/identifiers.ts.
 */
export async function layOutInstances(tx: Tx, { localAccountId, ordinal, crowd, places, tokens, now }: Plot): Promise<void> {
  const living = crowd.registered + crowd.expired
  await tx.raw(
    `create temporary table made on commit drop as
     with given as (
       select :account::integer as account, :ordinal::bigint as ordinal, :living::bigint as living, :total::bigint as total,
         :expired::bigint as expired, :every::bigint as every, :now::timestamptz as now, :days::integer as days, :towns::text[] as towns, :places::integer[] as places,
         :tokens::uuid[] as tokens),
     counted as (
       select given.*, n, n - least(n / every, expired) as rank, hashint8extended(n, ordinal) as h,
         case when n >= living then 'PENDING_ACK' when n % every = every - 1 and n < every * expired then 'EXPIRED'
           else 'REGISTERED' end as state,
         date_trunc('milliseconds', now - interval '2 hours' - (total - n)::double precision / total * days * interval '1 day') as came_at
       from given cross join generate_series(0, total - 1) as n)
     select n, h, state, registered_at, kind, pid, paired, software_tag, serial, place, token,
       case when h & 31 <> 0 then host end as hostname, case when h & 31 <> 0 then host else 'PID:' || pid || ',SN:' || serial end as name,
       (substr(time, 1, 8) || '-' || substr(time, 9) || '-8' || substr(hex, 1, 3) || '-' || substr('89ab', 1 + (h >> 24 & 3)::integer, 1)
         || substr(hex, 4, 3) || '-' || substr(hex, 7, 4) || lpad(to_hex(account), 8, '0'))::uuid as id
     from counted join kinds on kinds.kind = rank % 20
     cross join lateral (select 1 + rank / 20 % cardinality(towns) as town, 1 + rank / 20 / cardinality(towns) as number) site
     cross join lateral (
       select towns[town] || '-' || role || '-' || lpad(number::text, 3, '0') as host, places[town] as place,
         tokens[1 + (h >> 40 & 1023) % cardinality(tokens)] as token, lpad(to_hex(h), 16, '0') as hex,
         case when state = 'EXPIRED' then came_at - interval '366 days' else came_at end as registered_at) placed
     cross join lateral (
       select lpad(to_hex((extract(epoch from registered_at) * 1000)::bigint), 12, '0') as time,
         'Q' || chr((65 + ordinal % 26)::integer) || 'X' || to_char(registered_at, 'IYIW')
           || upper(lpad(to_hex(n), 5, '0')) as serial) timed`,
    {
      account: localAccountId,
      ordinal,
      living,
      total: living + crowd.pending,
      expired: crowd.expired,
      every: expiredEvery,
      now,
      days: daysOfRegistrations,
      towns,
      places: spread(places),
      tokens,
    },
  )
  await tx.raw('analyze made')
}

/** The Local Virtual Account of each town: a few hold most of them. */
const spread = (places: number[]): number[] =>
  towns.map((_, town) => places[Math.floor(places.length * ((town + 0.5) / towns.length) ** 2)]!)
