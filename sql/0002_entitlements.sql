-- What was bought. The cloud is the truth for it; a synchronization writes it.

-- The catalog is the same for every account that sees a tag, and a number takes the place of some seventy characters in the tables that grow.
create table entitlement_tags (
  id integer primary key generated always as identity,
  tag text not null unique,
  display_name text not null,
  description text not null default '',
  license_type text not null default 'PERPETUAL',
  export_restricted boolean not null default false
);
-- The pages list licenses by name, a screenful at a time.
create index entitlement_tags_name on entitlement_tags (display_name, id);

-- `tag_id` may stand in for `stands_in_for_tag_id` (a higher tier for a lower); the nearest tier, the smallest distance, first.
create table entitlement_substitutions (
  tag_id integer not null references entitlement_tags,
  stands_in_for_tag_id integer not null references entitlement_tags,
  distance integer not null check (distance > 0),
  primary key (stands_in_for_tag_id, tag_id)
);

create table entitlements (
  local_account_id integer not null references local_accounts,
  license_id text not null,
  tag_id integer not null references entitlement_tags,
  license_type text not null check (license_type in ('PERPETUAL', 'TERM', 'SUBSCRIPTION', 'DEMO')),
  quantity bigint not null check (quantity >= 0),
  starts_at timestamptz not null,
  ends_at timestamptz,
  subscription_id text,
  export_restricted boolean not null default false,
  status text not null,
  primary key (local_account_id, license_id)
);
create index entitlements_tag on entitlements (local_account_id, tag_id);
-- "What ends soon"
create index entitlements_ends_at on entitlements (local_account_id, ends_at) where ends_at is not null;

-- How a lot is spread over the Local Virtual Accounts: all of it lands in Default, transfers move parts.
create table entitlement_shares (
  local_account_id integer not null,
  license_id text not null,
  local_virtual_account_id integer not null,
  quantity bigint not null check (quantity > 0),
  primary key (local_account_id, license_id, local_virtual_account_id),
  foreign key (local_account_id, license_id) references entitlements on delete cascade,
  foreign key (local_account_id, local_virtual_account_id) references local_virtual_accounts
);
create index entitlement_shares_local_virtual_account on entitlement_shares (local_account_id, local_virtual_account_id);
