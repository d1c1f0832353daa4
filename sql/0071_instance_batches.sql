-- What somebody does to many product instances at once: all that they ticked, or all that a filter shows. It is done part by part, each in a
-- transaction with the place it has come to, so that whoever stops halfway goes on from there.

create table instance_batches (
  local_account_id integer not null references local_accounts (id),
  id bigint not null generated always as identity,
  deed text not null check (deed in ('transfer', 'removal')),
  -- Where a transfer goes to.
  to_place integer,
  -- Whoever asked: each part does what this person may do on the moment.
  user_id integer not null references users (id) on delete cascade,
  -- The filter of the list, with its Local Virtual Account; or the instances that were ticked.
  chosen jsonb not null,
  asked_at timestamptz not null,
  -- How many there were to look at when it was asked for, and what has come of them.
  total bigint not null,
  done bigint not null default 0,
  there_already bigint not null default 0,
  -- The last that was looked at, in the order of names.
  after_name text,
  after_id uuid,
  state text not null default 'running' check (state in ('running', 'done', 'stopped', 'failed')),
  failure text,
  ended_at timestamptz,
  primary key (local_account_id, id),
  check ((deed = 'transfer') = (to_place is not null)),
  check ((state = 'running') = (ended_at is null))
);
create index instance_batches_running on instance_batches (local_account_id, id) where state = 'running';
create index instance_batches_ended_at on instance_batches (ended_at);
