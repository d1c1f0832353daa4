-- Which releases may work on this database. A migration only widens the schema, so that the release before it goes on meanwhile and can be gone back
-- to. One that takes something away says so in its first line, "-- contract: needs schema NNNN": it waits as long as a release is kept that does not
-- know that schema, and once it has run, such a release is refused.
create table schema_compatibility (
  singleton boolean primary key default true check (singleton),
  -- A release that knows no schema as new as this cannot work on this database.
  least_known integer not null,
  -- The schema of the release that is kept to be gone back to; null where none is.
  kept integer
);
insert into schema_compatibility (least_known) values (31);
