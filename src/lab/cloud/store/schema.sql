-- The state of the laboratory's cloud. One file, so that a purchase, a registration or an exchange is there whole or not at all.
-- Times are milliseconds since the epoch.

create table if not exists settings (name text primary key, value text not null) strict;

-- The root, the sub CA and the signer, with their keys. Clear text, in a file that only its owner may read: this is a laboratory.
create table if not exists authorities (name text primary key, certificate text not null, private_key text not null) strict;

create table if not exists smart_accounts (
  id integer primary key,
  name text not null unique collate nocase,
  created_at integer not null
) strict;

create table if not exists virtual_accounts (
  id integer primary key,
  smart_account_id integer not null references smart_accounts,
  name text not null collate nocase,
  -- Products that are registered with the cloud itself: such an account cannot be given to a server.
  direct_products integer not null default 0 check (direct_products >= 0),
  created_at integer not null,
  unique (smart_account_id, name)
) strict;

create table if not exists tags (
  tag text primary key,
  display_name text not null,
  description text not null,
  license_type text,
  export_restricted integer not null check (export_restricted in (0, 1))
) strict;

create table if not exists substitutions (
  tag text not null references tags,
  stands_in_for text not null references tags,
  distance integer not null check (distance > 0),
  primary key (tag, stands_in_for),
  check (tag <> stands_in_for)
) strict;

-- Lots that were bought. One that is taken back is gone; what a server was told of it is in `told_entitlements`.
create table if not exists purchases (
  id integer primary key,
  virtual_account_id integer not null references virtual_accounts,
  tag text not null references tags,
  license_type text not null check (license_type in ('PERPETUAL', 'TERM', 'SUBSCRIPTION', 'DEMO')),
  quantity integer not null check (quantity >= 0),
  start_date integer,
  end_date integer,
  subscription_id text
) strict;

create table if not exists servers (
  uuid text primary key,
  version text not null,
  seen_at integer not null,
  -- Requests that a server with a single past cannot have sent: twice within 30 days, and a person should look.
  strange_at integer,
  possible_clone_at integer
) strict;

create table if not exists registrations (
  id integer primary key,
  server_uuid text not null references servers,
  local_account_id text not null unique,
  local_account_name text not null,
  virtual_account_id integer not null unique references virtual_accounts,
  -- The subject never changes, so that what the account CA has signed stays good.
  organization text not null,
  account_ca_key text not null,
  server_signing_key text not null,
  registered_at integer not null,
  synchronized_at integer not null,
  last_sequence integer not null,
  last_request_hash text not null,
  last_response text not null,
  chain_hash text not null,
  catalog_hash text not null,
  reported text not null default '{}',
  unique (server_uuid, local_account_id)
) strict;

-- "keep all hashes, 32 bytes each"
create table if not exists requests (
  registration_id integer not null references registrations on delete cascade,
  hash text not null,
  primary key (registration_id, hash)
) strict, without rowid;

create table if not exists resync_tokens (
  token_hash text primary key,
  registration_id integer not null references registrations on delete cascade,
  last_sequence integer not null
) strict;

create table if not exists product_instances (
  registration_id integer not null references registrations on delete cascade,
  id text not null,
  record text not null,
  primary key (registration_id, id)
) strict, without rowid;

create table if not exists usage (
  registration_id integer not null references registrations on delete cascade,
  tag text not null,
  in_use integer not null,
  peak integer not null,
  out_of_compliance integer not null,
  primary key (registration_id, tag)
) strict, without rowid;

-- What the server knows of its entitlements, as the last response told it: a standard synchronization tells the difference.
create table if not exists told_entitlements (
  registration_id integer not null references registrations on delete cascade,
  license_id text not null,
  entitlement text not null,
  primary key (registration_id, license_id)
) strict, without rowid;

create table if not exists polls (
  id text primary key,
  client_id text not null,
  response text not null,
  created_at integer not null
) strict;

create table if not exists clients (
  client_id text primary key,
  secret_hash text not null,
  name text not null,
  -- Null: every Smart Account.
  smart_account_id integer references smart_accounts,
  created_at integer not null
) strict;

create table if not exists access_tokens (
  token_hash text primary key,
  client_id text not null references clients on delete cascade,
  expires_at integer not null
) strict;

create table if not exists sessions (id_hash text primary key, expires_at integer not null) strict;

-- A traditional license that may be converted: count × factor of the tag. The empty feature is any.
create table if not exists conversion_rules (
  source text not null check (source in ('PAK', 'RTU', 'CLASSIC')),
  sku text not null,
  feature text not null,
  tag text not null references tags,
  factor integer not null check (factor between 1 and 1000000),
  primary key (source, sku, feature)
) strict, without rowid;

-- Every line of a device-led conversion that was decided, and the lot that it became part of. It outlives the registration, as the lot does.
create table if not exists conversions (
  id integer primary key,
  virtual_account_id integer not null references virtual_accounts,
  instance_id text not null,
  conversion_id text not null,
  line integer not null,
  source text not null,
  sku text,
  feature text,
  count integer not null,
  status text not null check (status in ('CONVERTED', 'ALREADY_CONVERTED', 'NOT_ELIGIBLE')),
  tag text,
  granted integer not null,
  message text,
  lot integer,
  decided_at integer not null,
  unique (virtual_account_id, instance_id, conversion_id, line)
) strict;
-- "One successful DLC per instance and line"
create unique index if not exists conversions_once on conversions (virtual_account_id, instance_id, line) where status = 'CONVERTED';

-- What a server is to be told with the next synchronization that is taken.
create table if not exists commands (
  registration_id integer not null references registrations on delete cascade,
  command text not null,
  product_instance_id text not null,
  primary key (registration_id, command, product_instance_id)
) strict;

-- What couriers have brought, and the responses they take back: the last hundred.
create table if not exists file_exchanges (
  id text primary key,
  at integer not null,
  local_account text not null,
  what text not null,
  sequence integer not null,
  file_name text not null,
  response text not null
) strict;
