-- A second kind of provider, SAML 2.0, and sign-outs that end at the provider too.

alter table users
  drop constraint users_origin_check,
  add constraint users_origin_check check (origin in ('local', 'directory', 'openid', 'saml'));
alter table group_roles
  drop constraint group_roles_origin_check,
  add constraint group_roles_origin_check check (origin in ('directory', 'openid', 'saml'));

-- Sealed: what a sign-out at the provider begins with. Null where nobody else is to be told.
alter table sessions add column provider_token bytea;
