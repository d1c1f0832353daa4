-- The trail: "Every change and every refused attempt", each row chained to the one before by a hash, "so that a gap or an edit shows". An act writes
-- what is to be kept into `trail_waiting`, in its own transaction; as the last thing before that commits, all of it is taken into the chain. So the
-- lock on the chain's head is held for the commit alone, no two acts can lock each other out over it, and an act without its record does not commit.

create table trail_head (
  singleton boolean primary key default true check (singleton),
  number bigint not null,
  hash bytea not null
) with (fillfactor = 50);
insert into trail_head (number, hash) values (0, sha256('Quartermaster trail 1'::bytea));

create table trail (
  -- Without gaps.
  number bigint primary key,
  at timestamptz not null,
  -- JSON. The text itself is what the hash is taken of, so that there is no second way to write it.
  record text not null,
  -- SHA-256 of the hash before, the number, a line end and the record.
  hash bytea not null,
  -- What pages filter by; made of the record, so that the two cannot differ.
  outcome text not null generated always as (record::jsonb ->> 'outcome') stored,
  who text not null generated always as (record::jsonb ->> 'who') stored
);
create index trail_at on trail (at);

create table trail_waiting (
  id bigint primary key generated always as identity,
  at timestamptz not null,
  record text not null
);

-- Where the chain stood at some time, under the server key: whoever writes the whole chain anew cannot make these. What was pruned ends at an anchor.
create table trail_seals (
  number bigint primary key,
  hash bytea not null,
  sealed_at timestamptz not null,
  seal bytea not null,
  anchor boolean not null default false
);

create function chain_trail() returns trigger language plpgsql as $$
declare
  head trail_head;
  waiting record;
begin
  -- The first record of a transaction takes all of them along. What waits and can be seen is this transaction's own.
  if not exists (select from trail_waiting where id = new.id) then return null; end if;
  select * into strict head from trail_head for update;
  for waiting in select * from trail_waiting order by id loop
    head.number := head.number + 1;
    head.hash := sha256(head.hash || convert_to(head.number || E'\n' || waiting.record, 'UTF8'));
    insert into trail (number, at, record, hash) values (head.number, waiting.at, waiting.record, head.hash);
  end loop;
  delete from trail_waiting;
  update trail_head set number = head.number, hash = head.hash;
  return null;
end $$;
create constraint trigger trail_is_chained after insert on trail_waiting deferrable initially deferred
  for each row execute function chain_trail();

create function keep_trail() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    -- What lies before an anchor may be pruned.
    if old.number <= (select coalesce(max(number), 0) from trail_seals where anchor) then return old; end if;
  end if;
  raise exception 'The trail is never changed: rows are only added to it.';
end $$;
create trigger trail_is_kept before update or delete on trail for each row execute function keep_trail();
create trigger trail_is_not_emptied before truncate on trail for each statement execute function keep_trail();
