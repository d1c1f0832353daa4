-- When each entry of the agenda (src/schedule/agenda.ts) was last done. Whoever moves the time forward does the work: with several servers on
-- one database this row is the lock, and no memory of a process is a second truth.

create table agenda (
  name text primary key,
  done_at timestamptz not null
);
