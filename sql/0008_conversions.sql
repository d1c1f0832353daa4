-- Device-led conversion (wire-device 5.5, DLC): traditional licenses that a product gives up for smart ones. The cloud alone decides on them; what
-- it grants arrives as entitlements. These rows stay when the product instance goes: its claims are still decided, and what was converted is the
-- account's history.

create table conversions (
  local_account_id integer not null references local_accounts,
  product_instance_id uuid not null,
  -- The product's own name for it: who asks again asks for this one.
  conversion_id uuid not null,
  -- Of what was asked for, so that one name never stands for two things.
  request_hash bytea not null,
  -- The number that is polled for.
  poll_id bigint not null generated always as identity,
  -- The product's, as it was called then.
  name text not null,
  requested_at timestamptz not null,
  finished_at timestamptz,
  -- "Results kept 7 days": from the end, and from each time that the product asks for the same again.
  results_until timestamptz,
  primary key (local_account_id, product_instance_id, conversion_id)
);
create unique index conversions_poll on conversions (local_account_id, product_instance_id, poll_id);
create index conversions_waiting on conversions (local_account_id, poll_id) where finished_at is null;
create index conversions_results_until on conversions (results_until) where results_until is not null;

create table conversion_lines (
  local_account_id integer not null,
  product_instance_id uuid not null,
  conversion_id uuid not null,
  line bigint not null,
  source text not null,
  sku text,
  feature text,
  count bigint not null check (count > 0),
  tag text,
  serial text,
  -- Forgotten with the decision, as nobody needs it any more.
  proof text,
  status text not null default 'PENDING_UPSTREAM' check (status in ('CONVERTED', 'ALREADY_CONVERTED', 'NOT_ELIGIBLE', 'PENDING_UPSTREAM')),
  -- What became of it, in the cloud's words.
  granted_tag text,
  granted_count bigint not null default 0,
  message text,
  decided_at timestamptz,
  primary key (local_account_id, product_instance_id, conversion_id, line),
  foreign key (local_account_id, product_instance_id, conversion_id) references conversions on delete cascade
);
-- "One successful DLC per instance and line"
create index conversion_lines_converted on conversion_lines (local_account_id, product_instance_id, line) where status = 'CONVERTED';
