-- Who may come in: people with their sessions and roles, scripts with their clients and tokens.

create table users (
  id integer primary key generated always as identity,
  username text not null,
  display_name text not null default '',
  email text,
  password_hash text not null,
  password_changed_at timestamptz not null,
  must_change_password boolean not null default false,
  disabled_at timestamptz,
  -- The times of failed sign-ins that count towards a lock: two at most.
  failed_at timestamptz[] not null default '{}',
  locked_until timestamptz,
  -- Told to the person at the next sign-in, whatever became of the window above.
  failures_since_sign_in integer not null default 0,
  last_sign_in_at timestamptz,
  created_at timestamptz not null,
  theme text not null default 'system' check (theme in ('system', 'light', 'dark'))
);
create unique index users_username on users (lower(username));

-- Opaque: the browser holds the identifier, the table its hash.
create table sessions (
  id_hash bytea primary key,
  user_id integer not null references users on delete cascade,
  csrf_token text not null,
  created_at timestamptz not null,
  seen_at timestamptz not null,
  address text not null,
  user_agent text not null default '',
  -- The account last looked at, which a new page opens with.
  local_account_id integer,
  -- What the next page says once: the outcome of what was just done.
  notice jsonb
) with (fillfactor = 70);
create index sessions_user on sessions (user_id);

create table role_assignments (
  id integer primary key generated always as identity,
  user_id integer not null references users on delete cascade,
  role text not null check (role in ('system-administrator', 'system-operator', 'smart-account-administrator', 'smart-account-user',
    'virtual-account-administrator', 'virtual-account-user')),
  -- Null for the two roles of the server; the Local Virtual Account only for the two roles within one.
  local_account_id integer references local_accounts,
  local_virtual_account_id integer,
  foreign key (local_account_id, local_virtual_account_id) references local_virtual_accounts,
  unique nulls not distinct (user_id, role, local_account_id, local_virtual_account_id)
);

create table api_clients (
  id integer primary key generated always as identity,
  client_id text not null unique,
  secret_hash bytea not null,
  name text not null,
  -- Null: a client of the server, for every Local Account.
  local_account_id integer references local_accounts,
  scopes text[] not null,
  created_at timestamptz not null,
  created_by text not null,
  expires_at timestamptz,
  revoked_at timestamptz
);

create table api_tokens (
  token_hash bytea primary key,
  api_client_id integer not null references api_clients on delete cascade,
  -- Whose password it was given for; null for the client itself.
  user_id integer references users on delete cascade,
  -- The client's scopes, or the part of them that was asked for.
  scopes text[] not null,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index api_tokens_expires_at on api_tokens (expires_at);
