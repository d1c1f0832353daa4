-- A Local Account's whole life: who asked for it, what was decided about it and why, and a courier's response that is looked at before it counts.

alter table local_accounts
  -- Whom the account is for, where a person has asked for it: they are given it when it is registered.
  add column requester_id integer references users on delete set null,
  -- The last decision: approved, rejected, deactivated. Null before the first.
  add column decided_at timestamptz,
  add column decided_by text,
  add column decision_reason text;

alter table local_accounts drop constraint local_accounts_state_check;
alter table local_accounts add constraint local_accounts_state_check
  check (state in ('requested', 'rejected', 'approved', 'registered', 'inactive'));

-- A rejected request keeps nobody from asking under the same name.
drop index local_accounts_name;
create unique index local_accounts_name on local_accounts (lower(name)) where state <> 'rejected';
-- "removed on both sides and registered anew": an inactive account no longer holds its Virtual Account.
drop index local_accounts_virtual_account;
create unique index local_accounts_virtual_account on local_accounts (virtual_account_id)
  where virtual_account_id is not null and state <> 'inactive';
create index local_accounts_requester on local_accounts (requester_id) where requester_id is not null;

-- The list of all exchanges, the newest first.
create index synchronizations_created_at on synchronizations (created_at desc, id desc);

-- A response that was uploaded and found good, and waits for somebody to say that it shall be applied. At most one an account.
create table uploaded_responses (
  local_account_id integer primary key references local_accounts,
  file text not null,
  uploaded_at timestamptz not null,
  uploaded_by text not null
);
