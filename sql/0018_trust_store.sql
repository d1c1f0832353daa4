-- The trust store: authorities that an administrator believes beside the usual ones when the server goes to the cloud or to a proxy before it.

create table trusted_authorities (
  -- SHA-256 of the certificate, in hexadecimal.
  fingerprint text primary key check (fingerprint ~ '^[0-9a-f]{64}$'),
  certificate text not null,
  -- What people know it by: its common name, or its organization.
  name text not null,
  issuer text not null,
  not_before timestamptz not null,
  not_after timestamptz not null,
  added_at timestamptz not null,
  added_by text not null
);
