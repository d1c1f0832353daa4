-- What was purchased and in use, day by day, for each tag and Local Virtual Account, and as `tag_id` 0 for all tags together. A day has a row only
-- where it differs from the one before, so that a quiet fleet costs nothing; two years are kept.
create table usage_history (
  local_account_id integer not null references local_accounts (id),
  local_virtual_account_id integer not null,
  tag_id integer not null,
  day date not null,
  purchased bigint not null,
  in_use bigint not null,
  short bigint not null,
  primary key (local_account_id, local_virtual_account_id, tag_id, day)
);
