-- Local Accounts, their Local Virtual Accounts and their keys.
-- A Local Account has two names: `id`, a small number that stands first in the key of every table of a tenant (so that the tables can be
-- spread by account one day) and inside each product instance's identifier; and `uuid`, its name on every wire and in every URL.

create extension if not exists pg_trgm;

create table local_accounts (
  id integer primary key generated always as identity,
  uuid uuid not null unique,
  name text not null,
  state text not null check (state in ('requested', 'approved', 'registered', 'inactive')),
  smart_account_id text,
  smart_account_name text not null,
  virtual_account_id text,
  virtual_account_name text not null,
  notification_email text,
  message text,
  requested_by text not null,
  requested_at timestamptz not null,
  registered_at timestamptz,
  -- The reset of the 365 days: rules.synchronizationStanding works from it.
  last_synchronized_at timestamptz,
  next_synchronization_at timestamptz,
  -- The chain of exchanges with the cloud (wire-cloud 7.4): the last sequence whose response was applied, and the hash of its payload bytes.
  sequence integer,
  chain_hash text,
  withhold_hostname boolean not null default false,
  withhold_ip boolean not null default false,
  withhold_mac boolean not null default false
);
create unique index local_accounts_name on local_accounts (lower(name));
-- One Virtual Account belongs to at most one Local Account.
create unique index local_accounts_virtual_account on local_accounts (virtual_account_id) where virtual_account_id is not null;

create table local_virtual_accounts (
  local_account_id integer not null references local_accounts,
  id integer not null generated always as identity,
  name text not null,
  description text not null default '',
  is_default boolean not null default false,
  is_public boolean not null default true,
  created_at timestamptz not null,
  primary key (local_account_id, id)
);
create unique index local_virtual_accounts_name on local_virtual_accounts (local_account_id, lower(name));
create unique index local_virtual_accounts_default on local_virtual_accounts (local_account_id) where is_default;

-- The keys and certificates by which an account signs. Keys are sealed with the server key, which is not in the database.
create table account_authorities (
  local_account_id integer primary key references local_accounts,
  account_ca_key bytea not null,
  account_ca_certificate text,
  signing_key bytea not null,
  signing_certificate text,
  sub_ca_certificates text[] not null default '{}',
  -- Agents without MULTITIER wait until the cloud has signed this one (within 48 hours of the registration).
  three_tier_certificate text,
  certificates_end_at timestamptz
);

-- This installation: one row. A fresh installation without a backup is a new server (wire-cloud 7.4).
create table server_identity (
  singleton boolean primary key default true check (singleton),
  server_uuid uuid not null,
  signing_key bytea not null,
  signing_certificate text,
  sub_ca_certificates text[] not null default '{}',
  created_at timestamptz not null
);

-- What 8443 and 443 show. One row a purpose; every server on this database shows the same.
create table tls_certificates (
  purpose text primary key check (purpose in ('browser', 'device')),
  private_key bytea not null,
  chain text not null,
  root text not null,
  -- Kept, so that the next certificate comes from a root that browsers and products trust already. Null where the chain was imported.
  root_key bytea,
  not_after timestamptz not null
);

create table settings (
  name text primary key,
  value jsonb,
  -- For what must not be readable in the table: sealed with the server key.
  secret bytea,
  changed_at timestamptz not null,
  changed_by text not null
);
