-- Exchanges with the cloud: registrations and synchronizations, by network or by a courier's file (wire-cloud 7).
-- A row is written before the request leaves, so that whatever happens to the answer is known; it is also the job that a page watches.

create table synchronizations (
  local_account_id integer not null references local_accounts,
  id bigint not null generated always as identity,
  kind text not null check (kind in ('registration', 'standard', 'full')),
  carrier text not null check (carrier in ('network', 'manual')),
  reason text not null,
  state text not null check (state in ('prepared', 'outstanding', 'applied', 'refused', 'cancelled', 'failed')),
  sequence integer not null,
  request_id uuid not null,
  nonce text not null,
  -- Hex SHA-256 of the request's payload bytes, which the response repeats.
  request_hash text not null,
  request text not null,
  response text,
  poll_id text,
  requested_by text not null,
  created_at timestamptz not null,
  finished_at timestamptz,
  code text,
  message text,
  -- What was in it: counts by part.
  summary jsonb not null default '{}',
  primary key (local_account_id, id)
);
-- "must have exactly one outstanding request for the account"; online and manual share it.
create unique index synchronizations_outstanding on synchronizations (local_account_id) where state in ('prepared', 'outstanding');

-- The next exchange of this account must be complete, and why. With it, where the cloud gave them: the sequence to go on from and the one-time
-- token to show ("FULL_SYNC_REQUIRED … with last_seq and a one-time resync_token").
create table resynchronizations (
  local_account_id integer primary key references local_accounts,
  reason text not null check (reason in ('CLOCK_SHIFT', 'MISMATCH', 'RESTORED', 'AUTHORITY')),
  last_sequence integer,
  token text
);

-- As whom the cloud lets this server in, by account; 0 is the server itself, for accounts without a row of their own.
create table cloud_credentials (
  local_account_id integer primary key,
  client_id text not null,
  -- Sealed with the server key.
  client_secret bytea not null,
  changed_at timestamptz not null,
  changed_by text not null
);

-- What the cloud knows of an account's product instances since the last accepted exchange. The fingerprint is of what was said, so that a
-- change, a removal and a newly withheld value all show by comparison.
create table reported_product_instances (
  local_account_id integer not null references local_accounts,
  product_instance_id uuid not null,
  fingerprint bigint not null,
  primary key (local_account_id, product_instance_id)
);

-- What the request under way says of them. It becomes part of the above when its response is applied.
create table sent_product_instances (
  local_account_id integer not null references local_accounts,
  product_instance_id uuid not null,
  change text not null check (change in ('added', 'changed', 'removed')),
  fingerprint bigint,
  primary key (local_account_id, product_instance_id)
);
