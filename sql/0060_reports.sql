-- Reports of the Licensing workspace: sent by mail when their time comes, and quick where the tables are long.

create table report_schedules (
  local_account_id integer not null references local_accounts (id),
  id bigint not null generated always as identity,
  -- Whoever set it up: what is sent is what this person may see on the day it is sent.
  user_id integer not null references users (id) on delete cascade,
  report text not null,
  -- Its filters, by name.
  asked jsonb not null default '{}',
  file_kind text not null check (file_kind in ('csv', 'json')),
  recipients text[] not null,
  frequency text not null check (frequency in ('daily', 'weekly', 'monthly')),
  hour smallint not null check (hour between 0 and 23),
  next_at timestamptz not null,
  created_at timestamptz not null,
  last_sent_at timestamptz,
  primary key (local_account_id, id)
);
create index report_schedules_next_at on report_schedules (next_at);
create index report_schedules_user on report_schedules (user_id);

-- A mail may carry one file, which is forgotten with it.
alter table mails add column attachment_name text;
alter table mails add column attachment_type text;
alter table mails add column attachment bytea;
alter table mails add check ((attachment is null) = (attachment_name is null) and (attachment is null) = (attachment_type is null));

-- "Who changed what": what people do is a small part of the log, whose most lines are written by products.
create index events_changes on events (local_account_id, id)
  where kind <> all ('{"usage changed","product instance registered","product instance renewed","product instance expired","out of compliance","in compliance"}'::text[]);

-- The newest conversions first.
create index conversions_newest on conversions (local_account_id, poll_id);
