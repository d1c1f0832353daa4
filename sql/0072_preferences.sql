-- How somebody likes their pages: time zone and dates, rows, columns, saved filters, where one begins. What is absent is as nobody chose it.

alter table users add column preferences jsonb not null default '{}' check (jsonb_typeof(preferences) = 'object');
