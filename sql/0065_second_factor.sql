-- A second factor: codes by time (RFC 6238), codes for when the device is lost, and what waits for a code between the password and the session.
-- And codes by which an administrator lets somebody choose a new password.

create table second_factors (
  user_id integer primary key references users on delete cascade,
  -- Sealed.
  secret bytea not null,
  created_at timestamptz not null,
  -- When the first code was right: it does not count before.
  confirmed_at timestamptz,
  -- The newest step of time whose code was taken: none is taken twice.
  last_step bigint not null default 0
);

create table recovery_codes (
  user_id integer not null references users on delete cascade,
  -- A keyed hash; the row goes when the code is used.
  code_hash bytea not null,
  primary key (user_id, code_hash)
);

create table waiting_sign_ins (
  -- The browser holds the identifier, the table its hash.
  id_hash bytea primary key,
  user_id integer not null references users on delete cascade,
  -- Where to go afterwards.
  next text not null,
  created_at timestamptz not null
);
create index waiting_sign_ins_user_id on waiting_sign_ins (user_id);

create table password_reset_codes (
  user_id integer primary key references users on delete cascade,
  -- A keyed hash.
  code_hash bytea not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  created_by text not null
);
