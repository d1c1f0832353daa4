import type { Db } from '../../../src/storage/db.ts'

/** Tables that grow with the fleet: loading them goes several times faster without their indexes. */
const growing = ['product_instances', 'product_instance_contacts', 'certificates', 'usage', 'events']

/** One index or constraint, as the database itself writes it down, and how it goes and comes. */
type Part = { kind: 'foreign key' | 'key' | 'index'; drop: string; create: string }
export type Dropped = Part[]

/** What keeps the growing tables in order, foreign keys of others to them included; in the order in which it can go. */
async function listParts(db: Db): Promise<Part[]> {
  const { rows } = await db.raw(
    `select case contype when 'f' then 'foreign key' else 'key' end as kind,
            format('alter table %s drop constraint %I', conrelid::regclass, conname) as drop,
            format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as create
     from pg_constraint
     where contype in ('f', 'p', 'u')
       and (conrelid::regclass::text = any(:growing) or contype = 'f' and confrelid::regclass::text = any(:growing))
     union all
     select 'index', format('drop index %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
     from pg_index where indrelid::regclass::text = any(:growing)
       and not exists (select 1 from pg_constraint c where c.conindid = indexrelid)
     order by 1, 2`,
    { growing },
  )
  const order: Part['kind'][] = ['foreign key', 'key', 'index']
  return (rows as Part[]).sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
}

/** Takes indexes, keys and foreign keys off the growing tables. */
export async function dropIndexes(db: Db): Promise<Dropped> {
  const parts = await listParts(db)
  for (const part of parts) await db.raw(part.drop)
  return parts
}

/**
 * Makes them again, just as they were, two at a time: first what finds rows, then the foreign keys, which look for them. Each line of
 * `told` is one that is done.
 */
export async function createIndexes(db: Db, dropped: Dropped, told: (statement: string) => void): Promise<void> {
  const [links, finders] = [dropped.filter(part => part.kind === 'foreign key'), dropped.filter(part => part.kind !== 'foreign key')]
  for (const parts of [finders, links]) {
    const left = parts.values()
    const work = async () => {
      for (const { create } of left) {
        // In a transaction, because what takes minutes is the work and not the commit.
        await db.transaction(tx => tx.raw(create.replaceAll('?', '\\?')))
        told(create)
      }
    }
    await Promise.all([work(), work()])
  }
}
