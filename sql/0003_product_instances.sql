-- Tokens, product instances, their certificates and what they use. This server is the truth for these.

create table registration_tokens (
  local_account_id integer not null references local_accounts,
  -- A UUIDv8 with the account's number, and the first part of the token itself, so that a token names its row.
  id uuid not null,
  local_virtual_account_id integer not null,
  -- Found by `id`, compared as a keyed hash; sealed so that it can be shown again to those who may create tokens.
  secret_hash bytea not null,
  secret_sealed bytea not null,
  description text not null default '',
  export_controlled boolean not null default false,
  maximum_uses integer check (maximum_uses > 0),
  uses integer not null default 0,
  expires_at timestamptz not null,
  created_at timestamptz not null,
  created_by text not null,
  revoked_at timestamptz,
  revoked_by text,
  primary key (local_account_id, id),
  foreign key (local_account_id, local_virtual_account_id) references local_virtual_accounts
) with (fillfactor = 70);

create table product_instances (
  local_account_id integer not null references local_accounts,
  -- A UUIDv8 that carries the account's number (src/rules/identifiers.ts).
  id uuid not null,
  local_virtual_account_id integer not null,
  state text not null check (state in ('PENDING_ACK', 'REGISTERED', 'EXPIRED')),
  software_tag text not null,
  product_type text not null,
  -- The comparable form of the active device's UDI; the whole list, as it was sent, is `devices`.
  udi_key text not null,
  udi_pid text,
  udi_serial_number text,
  devices jsonb not null,
  hostname text,
  -- hostname, else UDI
  name text not null,
  export_controlled boolean not null,
  agent_version text,
  capabilities text[] not null default '{}',
  registration_token_id uuid not null,
  registered_at timestamptz not null,
  acknowledged_at timestamptz,
  primary key (local_account_id, id),
  foreign key (local_account_id, local_virtual_account_id) references local_virtual_accounts
);
-- "Same (account, software tag, active sudi) already there" (wire-device 5.5)
create unique index product_instances_udi on product_instances (local_account_id, software_tag, udi_key);
create index product_instances_name on product_instances (local_account_id, name, id);
-- Filters by place and by state are ranges of this one. A state changes two or three times in a product's life, so it may stand in an index.
create index product_instances_standing on product_instances (local_account_id, local_virtual_account_id, state, name, id);
create index product_instances_search on product_instances
  using gin ((name || ' ' || coalesce(udi_serial_number, '') || ' ' || coalesce(udi_pid, '')) gin_trgm_ops);

-- How many product instances stand where, as the sum of rows: a page that counted 300,000 of them would be slow, and a counter that every
-- registration locked would make them queue. So each change adds a row and waits for nobody, and one in a hundred folds what it finds.
create table product_instance_counts (
  local_account_id integer not null,
  local_virtual_account_id integer not null,
  state text not null,
  id bigint not null generated always as identity,
  instances bigint not null,
  primary key (local_account_id, local_virtual_account_id, state, id)
);

create function fold_product_instance_counts(account integer) returns void language sql as $$
  with taken as (
    select id from product_instance_counts where local_account_id = account for update skip locked),
  folded as (
    delete from product_instance_counts c using taken where c.local_account_id = account and c.id = taken.id
    returning local_virtual_account_id, state, instances)
  insert into product_instance_counts (local_account_id, local_virtual_account_id, state, instances)
  select account, local_virtual_account_id, state, sum(instances) from folded group by local_virtual_account_id, state having sum(instances) <> 0
$$;

create function count_product_instances() returns trigger language plpgsql as $$
declare
  account integer;
begin
  if tg_op = 'INSERT' then
    insert into product_instance_counts (local_account_id, local_virtual_account_id, state, instances)
    select local_account_id, local_virtual_account_id, state, count(*) from came group by 1, 2, 3;
    select local_account_id into account from came limit 1;
  elsif tg_op = 'DELETE' then
    insert into product_instance_counts (local_account_id, local_virtual_account_id, state, instances)
    select local_account_id, local_virtual_account_id, state, -count(*) from went group by 1, 2, 3;
    select local_account_id into account from went limit 1;
  else
    insert into product_instance_counts (local_account_id, local_virtual_account_id, state, instances)
    select local_account_id, local_virtual_account_id, state, sum(change)
    from (select local_account_id, local_virtual_account_id, state, 1 as change from came
          union all select local_account_id, local_virtual_account_id, state, -1 from went) moved
    group by 1, 2, 3 having sum(change) <> 0;
    select local_account_id into account from came limit 1;
  end if;
  if random() < 0.01 then
    perform fold_product_instance_counts(account);
  end if;
  return null;
end
$$;
create trigger product_instances_came after insert on product_instances
  referencing new table as came for each statement execute function count_product_instances();
create trigger product_instances_went after delete on product_instances
  referencing old table as went for each statement execute function count_product_instances();
create trigger product_instances_moved after update on product_instances
  referencing old table as went new table as came for each statement execute function count_product_instances();

-- What changes with every message stands apart, in narrow rows without further indexes, so that updates stay HOT.
create table product_instance_contacts (
  local_account_id integer not null,
  product_instance_id uuid not null,
  last_contact_at timestamptz not null,
  last_reported_at timestamptz,
  entitlement_version bigint not null default 0,
  primary key (local_account_id, product_instance_id),
  foreign key (local_account_id, product_instance_id) references product_instances on delete cascade
) with (fillfactor = 85);

-- ID certificates that still open the door: the current one, and the one before it until the current one is acknowledged.
create table certificates (
  local_account_id integer not null,
  serial numeric(20, 0) not null,
  product_instance_id uuid not null,
  state text not null check (state in ('current', 'previous', 'unacknowledged')),
  der bytea not null,
  not_before timestamptz not null,
  not_after timestamptz not null,
  primary key (local_account_id, serial),
  foreign key (local_account_id, product_instance_id) references product_instances on delete cascade
);
create index certificates_product_instance on certificates (local_account_id, product_instance_id);
create index certificates_not_after on certificates (not_after);

-- A removed instance is remembered for 90 days, so that a late message is refused with a true reason in the log.
create table tombstones (
  local_account_id integer not null references local_accounts,
  product_instance_id uuid not null,
  name text not null,
  removed_at timestamptz not null,
  removed_by text not null,
  reason text not null,
  primary key (local_account_id, product_instance_id)
);

-- The latest report of each product instance.
create table usage (
  local_account_id integer not null,
  product_instance_id uuid not null,
  tag_id integer not null references entitlement_tags,
  version text not null default '',
  quantity bigint not null check (quantity > 0),
  since timestamptz not null,
  primary key (local_account_id, product_instance_id, tag_id),
  foreign key (local_account_id, product_instance_id) references product_instances on delete cascade
) with (fillfactor = 85);
create index usage_tag on usage (local_account_id, tag_id, product_instance_id);

-- The settled standing of a tag in a Local Virtual Account, and the counters it rests on: written in the transaction of whatever changed them.
create table authorizations (
  local_account_id integer not null,
  local_virtual_account_id integer not null,
  tag_id integer not null references entitlement_tags,
  purchased bigint not null default 0 check (purchased >= 0),
  in_use bigint not null default 0 check (in_use >= 0),
  instances bigint not null default 0 check (instances >= 0),
  reserved bigint not null default 0 check (reserved >= 0),
  -- What other tags cover for this one, and what this one covers for others.
  borrowed bigint not null default 0 check (borrowed >= 0),
  lent bigint not null default 0 check (lent >= 0),
  -- "Balance = purchased − in use ± substitution − reserved. Surplus ≥ 0, shortage < 0."
  balance bigint not null generated always as (purchased - in_use + borrowed - lent - reserved) stored,
  out_of_compliance_since timestamptz,
  primary key (local_account_id, local_virtual_account_id, tag_id),
  foreign key (local_account_id, local_virtual_account_id) references local_virtual_accounts
) with (fillfactor = 50);

-- The pages ask for one tag in all places. No counter stands in these indexes, so that counting stays HOT.
create index authorizations_tag on authorizations (local_account_id, tag_id);
create index authorizations_out_of_compliance on authorizations (local_account_id, tag_id) where out_of_compliance_since is not null;

-- Who lends to whom: the result of settling, kept so that the page can explain it.
create table substitutions (
  local_account_id integer not null,
  local_virtual_account_id integer not null,
  borrower_tag_id integer not null references entitlement_tags,
  lender_tag_id integer not null references entitlement_tags,
  quantity bigint not null check (quantity > 0),
  primary key (local_account_id, local_virtual_account_id, borrower_tag_id, lender_tag_id)
);

-- The replay memory (wire-device 5.4): what was answered to whom, for 2 h 10 min. `local_account_id` is 0 while the sender is only a CSR's key.
create table replies (
  local_account_id integer not null,
  sender bytea not null,
  nonce text not null,
  request_hash bytea not null,
  reply bytea not null,
  answered_at timestamptz not null,
  primary key (local_account_id, sender, nonce)
);
create index replies_answered_at on replies using brin (answered_at);

-- Requests that wait for their answer (OK_POLL); results are kept 7 days.
create table polls (
  local_account_id integer not null references local_accounts,
  id bigint not null generated always as identity,
  -- As in `replies`: the instance, or the hash of the CSR's key.
  sender bytea not null,
  action text not null check (action in ('registration', 'conversion')),
  -- What was asked for, without the token's secret.
  request jsonb not null,
  -- What the request was answered in the end, so that a poll whose answer was lost gets it again.
  answer jsonb,
  created_at timestamptz not null,
  finished_at timestamptz,
  primary key (local_account_id, id)
);
-- A product that waits has no identity yet: it names its poll by the number alone.
create index polls_id on polls (id);
-- Asking again while the answer is still out is the same poll.
create unique index polls_waiting on polls (local_account_id, sender, action) where finished_at is null;
