-- Mail that is to be sent, and was: a rule writes it in the transaction of what it tells of, and an errand carries it to the mail server, again
-- and again while that is away. Whoever moves `next_at` forward sends it.

create table mails (
  id bigint primary key generated always as identity,
  -- 0 is the server itself.
  local_account_id integer not null,
  -- What it was written for, so that the same is never told twice.
  cause text not null unique,
  recipients text[] not null,
  subject text not null,
  body text not null,
  created_at timestamptz not null,
  -- Null: sent, or given up.
  next_at timestamptz,
  attempts integer not null default 0,
  sent_at timestamptz,
  -- Why the last attempt failed.
  failure text
);
create index mails_next_at on mails (next_at) where next_at is not null;
create index mails_created_at on mails (created_at);
