-- The most that was in use: `peak` since the last accepted exchange with the cloud, `next_peak` since the request under way was prepared. When that
-- is accepted, the second becomes the first, so that what was used while a courier was on his way is told by the next request.
-- No index holds them: a report's update of the row stays HOT.

alter table authorizations
  add column peak bigint not null default 0,
  add column next_peak bigint not null default 0;
update authorizations set peak = in_use, next_peak = in_use;
