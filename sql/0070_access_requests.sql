-- Somebody asks for a role in a Local Account; its administrators approve, or refuse with a reason.

create table access_requests (
  local_account_id integer not null references local_accounts (id),
  id bigint not null generated always as identity,
  user_id integer not null references users (id) on delete cascade,
  -- What was asked for. The Local Virtual Account as its name was typed: whoever asks sees none of them.
  role text not null check (role in ('smart-account-administrator', 'smart-account-user', 'virtual-account-administrator', 'virtual-account-user')),
  local_virtual_account text not null default '',
  message text not null default '',
  requested_at timestamptz not null,
  decision text check (decision in ('approved', 'refused', 'withdrawn')),
  decided_at timestamptz,
  decided_by text,
  -- Why it was refused, or what was given.
  reason text,
  primary key (local_account_id, id),
  check ((decision is null) = (decided_at is null) and (decision is null) = (decided_by is null))
);
-- One of each person waits in an account.
create unique index access_requests_waiting on access_requests (local_account_id, user_id) where decision is null;
create index access_requests_user on access_requests (user_id, id);
