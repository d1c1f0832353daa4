-- Product instances that have not reported for longer than they should have. An hourly look keeps it: lists and counts read it instead of
-- the contacts of the whole fleet, and a column that every report changes needs no index.
create table silent_product_instances (
  local_account_id integer not null,
  product_instance_id uuid not null,
  authorization_ended boolean not null,
  primary key (local_account_id, product_instance_id),
  foreign key (local_account_id, product_instance_id) references product_instances (local_account_id, id) on delete cascade
);
