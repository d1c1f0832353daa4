-- How far a long exchange is, for whoever watches it: written beside the exchange's own transaction, at most once a second, and gone with its
-- end. Unlogged: nothing of it is worth a write of the log, and what a crash leaves behind of it is of no use to anybody.
create unlogged table synchronization_progress (
  local_account_id integer primary key references local_accounts,
  step text not null check (step in ('writing', 'sending', 'waiting', 'applying')),
  done bigint not null,
  -- Null while nobody knows how much there is.
  total bigint,
  told_at timestamptz not null
);
