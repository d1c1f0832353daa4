-- Backups that this server took, tried or failed to take, and when it takes one by itself. The files say for themselves what is in them; these
-- rows say what the alerts, the Admin page and the schedule need to know, and outlive the files.

create table backups (
  id bigint primary key generated always as identity,
  -- The name of the file; null as long as there is none.
  name text,
  origin text not null check (origin in ('person', 'schedule')),
  state text not null check (state in ('running', 'done', 'failed')),
  started_by text not null,
  started_at timestamptz not null,
  finished_at timestamptz,
  bytes bigint,
  -- When it was last restored on trial without a fault, and when it was brought to the other machine.
  verified_at timestamptz,
  shipped_at timestamptz,
  -- Why it failed, or what is wrong with it.
  message text
);
create index backups_started_at on backups (started_at);
create index backups_name on backups (name);

-- Whoever moves `next_at` forward takes the backup, so that several servers on one database never do it twice.
create table backup_schedule (
  singleton boolean primary key default true check (singleton),
  frequency text not null check (frequency in ('off', 'daily', 'weekly', 'monthly')),
  -- Of the day, UTC.
  hour smallint not null check (hour between 0 and 23),
  keep_daily smallint not null check (keep_daily >= 0),
  keep_weekly smallint not null check (keep_weekly >= 0),
  keep_monthly smallint not null check (keep_monthly >= 0),
  -- Sealed with the server key.
  passphrase bytea not null,
  -- Where a copy goes: host, port, user, folder and the host's key, as the operator saw it; null for nowhere.
  destination jsonb,
  -- Null: to be planned, or nothing to plan.
  next_at timestamptz,
  failures integer not null default 0,
  changed_at timestamptz not null,
  changed_by text not null
);
