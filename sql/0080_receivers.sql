-- Who is told of what happens here while it happens: syslog collectors and webhooks. What is to be told is written in the transaction of what it
-- tells of, once for each receiver that wants it, and carried from there again and again while the receiver is away. So nothing is lost over a
-- restart, and nothing is told that was rolled back.

create table receivers (
  id integer primary key generated always as identity,
  kind text not null check (kind in ('syslog', 'webhook')),
  name text not null unique,
  -- How it is reached, as its kind has it.
  settings jsonb not null,
  -- The key that its messages are signed with, sealed; null where they are not signed.
  secret bytea,
  topics text[] not null check (topics <@ array['alerts', 'trail']),
  created_at timestamptz not null,
  created_by text not null,
  -- Failures in a row, why the last one, since when; whoever moves `next_at` forward tells it.
  attempts integer not null default 0,
  failure text,
  failing_since timestamptz,
  next_at timestamptz not null,
  last_delivered_at timestamptz,
  -- How many notices were given up because too many waited.
  dropped bigint not null default 0
);

create table notices (
  -- No foreign key: whoever writes a notice would lock its receiver, wait for whoever removes that, and each for the other at the end of the trail.
  -- What was written for one that is gone meanwhile is forgotten by the housekeeping.
  receiver_id integer not null,
  id bigint not null generated always as identity,
  topic text not null check (topic in ('alerts', 'trail', 'test')),
  at timestamptz not null,
  -- JSON: what the receiver is told, whatever its kind makes of it.
  content text not null,
  attempts integer not null default 0,
  -- What the receiver said, or why it could not be told.
  answer text,
  delivered_at timestamptz,
  given_up_at timestamptz,
  primary key (receiver_id, id)
);
create index notices_waiting on notices (receiver_id, id) where delivered_at is null and given_up_at is null;
create index notices_at on notices (at);

-- An alert is told of as it is raised, becomes more or less severe, and is cleared; not each time that its words change, which a busy account's do
-- with every report.
create function tell_of_alert() returns trigger language plpgsql as $$
declare
  change text := case when new.cleared_at is not null then 'cleared' when tg_op = 'INSERT' then 'raised' else 'changed' end;
begin
  insert into notices (receiver_id, topic, at, content)
  select r.id, 'alerts', coalesce(new.cleared_at, new.raised_at), json_build_object(
    'change', change, 'id', new.id,
    'account', (select json_build_object('id', a.uuid, 'name', a.name) from local_accounts a where a.id = new.local_account_id),
    'kind', new.kind, 'subject', new.subject, 'severity', new.severity, 'source', new.source, 'message', new.message, 'action', new.action,
    'raisedAt', new.raised_at, 'clearedAt', new.cleared_at)
  from receivers r where 'alerts' = any (r.topics);
  return null;
end $$;
create trigger raised_alert_is_told after insert on alerts for each row execute function tell_of_alert();
create trigger changed_alert_is_told after update on alerts for each row
  when (old.severity <> new.severity or old.cleared_at is distinct from new.cleared_at) execute function tell_of_alert();

-- The trail, in the order of its numbers: they are given under the lock on its head.
create function tell_of_trail() returns trigger language plpgsql as $$
begin
  insert into notices (receiver_id, topic, at, content)
  select r.id, 'trail', new.at, json_build_object('number', new.number, 'record', new.record::json)
  from receivers r where 'trail' = any (r.topics);
  return null;
end $$;
create trigger trail_is_told after insert on trail for each row execute function tell_of_trail();
