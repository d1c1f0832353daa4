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
