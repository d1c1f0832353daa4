-- People who sign in elsewhere: at a directory (LDAP, Active Directory) or at a provider of OpenID Connect. Their groups there give them roles here.

alter table users
  -- Who knows the password: this server, the directory, or the provider.
  add column origin text not null default 'local' check (origin in ('local', 'directory', 'openid')),
  -- What the directory or the provider knows the person by, whatever their name becomes: null for local users.
  add column external_id text,
  -- When the directory or the provider last vouched for the person and their groups.
  add column confirmed_at timestamptz,
  alter column password_hash drop not null,
  add constraint users_password check (origin <> 'local' or password_hash is not null);
create unique index users_external_id on users (origin, external_id) where external_id is not null;

-- A role that a person gave stays; one that groups gave goes with them.
alter table role_assignments
  add column granted_by text not null default 'person' check (granted_by in ('person', 'groups')),
  drop constraint role_assignments_user_id_role_local_account_id_local_virtua_key,
  add constraint role_assignments_once unique nulls not distinct (user_id, role, local_account_id, local_virtual_account_id, granted_by);

-- Rules: who is in such a group has this role in this place.
create table group_roles (
  id integer primary key generated always as identity,
  origin text not null check (origin in ('directory', 'openid')),
  -- The name of a group or its distinguished name; * stands for anything.
  pattern text not null,
  role text not null check (role in ('system-administrator', 'system-operator', 'smart-account-administrator', 'smart-account-user',
    'virtual-account-administrator', 'virtual-account-user')),
  local_account_id integer references local_accounts,
  local_virtual_account_id integer,
  created_at timestamptz not null,
  created_by text not null,
  foreign key (local_account_id, local_virtual_account_id) references local_virtual_accounts,
  unique nulls not distinct (origin, pattern, role, local_account_id, local_virtual_account_id)
);

-- Sign-ins that are under way at a provider: the browser holds the identifier, the table its hash.
create table provider_sign_ins (
  id_hash bytea primary key,
  -- Sealed: the verifier of PKCE, the state and the nonce.
  secrets bytea not null,
  -- Where to go afterwards.
  next text not null,
  created_at timestamptz not null
);
