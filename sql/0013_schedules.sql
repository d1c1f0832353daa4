-- When an account synchronizes by itself. The row also says when it does so next and how often it failed since: whoever moves `next_at` forward
-- does the work, so that several servers on one database never do it twice.

create table synchronization_schedules (
  local_account_id integer primary key references local_accounts on delete cascade,
  -- Null: as the server's schedule says.
  frequency text check (frequency in ('off', 'daily', 'weekly', 'monthly')),
  -- Of the day, UTC.
  hour smallint check (hour between 0 and 23),
  -- Null: to be planned, or nothing to plan.
  next_at timestamptz,
  failures integer not null default 0,
  check ((frequency is null) = (hour is null))
);
create index synchronization_schedules_next_at on synchronization_schedules (next_at);

-- Whether somebody decided for this account alone what it withholds; the others withhold what the server does, and follow when that changes.
alter table local_accounts add column privacy_is_own boolean not null default false;
update local_accounts set privacy_is_own = withhold_hostname or withhold_ip or withhold_mac;

-- When whoever carries an exchange by network last said that it does: one that has been silent for a while is nobody's.
alter table synchronizations add column carried_at timestamptz;
