-- What happened, and what somebody should do something about. `local_account_id` 0 is the server itself.

create table events (
  local_account_id integer not null,
  id bigint not null generated always as identity,
  at timestamptz not null,
  kind text not null,
  message text not null,
  who text not null,
  source text,
  local_virtual_account_id integer,
  product_instance_id uuid,
  tag_id integer,
  correlation_id uuid,
  primary key (local_account_id, id)
);
create index events_product_instance on events (local_account_id, product_instance_id, id) where product_instance_id is not null;
create index events_tag on events (local_account_id, tag_id, id) where tag_id is not null;

create table alerts (
  local_account_id integer not null,
  id bigint not null generated always as identity,
  kind text not null,
  -- What it is about, so that a rule raises it once: a tag and a Local Virtual Account, an instance, a certificate.
  subject text not null,
  severity text not null check (severity in ('critical', 'major', 'minor', 'info')),
  source text not null,
  message text not null,
  action text not null default '',
  raised_at timestamptz not null,
  cleared_at timestamptz,
  primary key (local_account_id, id)
);
create unique index alerts_open on alerts (local_account_id, kind, subject) where cleared_at is null;
