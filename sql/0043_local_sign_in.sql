-- Local sign-in as security.md wants it: "5 remembered", sessions "listed and endable", and people who have been away too long.

create table former_passwords (
  user_id integer not null references users on delete cascade,
  replaced_at timestamptz not null,
  password_hash text not null,
  primary key (user_id, replaced_at)
);

-- When somebody was let in again: the days of absence count from there.
alter table users add column enabled_at timestamptz;

-- What an administrator's page names a session by; the hash of its identifier stays behind.
alter table sessions add column number bigint not null generated always as identity;
create unique index sessions_number on sessions (number);
