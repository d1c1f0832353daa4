-- Where what is used is used: the users of a license in one Local Virtual Account are then found without looking at all of the account's. No report
-- changes it, so that reports still touch no index.
alter table usage add column local_virtual_account_id integer;
update usage u set local_virtual_account_id = i.local_virtual_account_id
  from product_instances i where i.local_account_id = u.local_account_id and i.id = u.product_instance_id;
create index usage_place on usage (local_account_id, tag_id, local_virtual_account_id, product_instance_id);

-- It goes where its product instance goes.
create function move_usage() returns trigger language plpgsql as $$
begin
  update usage set local_virtual_account_id = new.local_virtual_account_id
    where local_account_id = new.local_account_id and product_instance_id = new.id;
  return null;
end $$;
create trigger product_instance_moved after update of local_virtual_account_id on product_instances
  for each row when (old.local_virtual_account_id is distinct from new.local_virtual_account_id) execute function move_usage();

-- The release before this one knows nothing of it, and goes on meanwhile.
create function place_usage() returns trigger language plpgsql as $$
begin
  select local_virtual_account_id into new.local_virtual_account_id from product_instances
    where local_account_id = new.local_account_id and id = new.product_instance_id;
  return new;
end $$;
create trigger usage_placed before insert on usage
  for each row when (new.local_virtual_account_id is null) execute function place_usage();
