-- What somebody did about an alert: put it off until a day, or aside until it is raised again.
alter table alerts
  add column remind_at timestamptz,
  add column dismissed_at timestamptz,
  add column answered_by text;
