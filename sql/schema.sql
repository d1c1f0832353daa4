-- What the migrations make: written by "npm run db:dump", compared by the tests.

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;

CREATE FUNCTION public.chain_trail() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
declare
  head trail_head;
  waiting record;
begin
  -- The first record of a transaction takes all of them along. What waits and can be seen is this transaction's own.
  if not exists (select from trail_waiting where id = new.id) then return null; end if;
  select * into strict head from trail_head for update;
  for waiting in select * from trail_waiting order by id loop
    head.number := head.number + 1;
    head.hash := sha256(head.hash || convert_to(head.number || E'\n' || waiting.record, 'UTF8'));
    insert into trail (number, at, record, hash) values (head.number, waiting.at, waiting.record, head.hash);
  end loop;
  delete from trail_waiting;
  update trail_head set number = head.number, hash = head.hash;
  return null;
end $$;

CREATE FUNCTION public.count_product_instances() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
declare
  account integer;
begin
  if tg_op = 'INSERT' then
    insert into product_instance_counts (local_account_id, local_virtual_account_id, state, instances)
    select local_account_id, local_virtual_account_id, state, count(*) from came group by 1, 2, 3;
    select local_account_id into account from came limit 1;
  elsif tg_op = 'DELETE' then
    insert into product_instance_counts (local_account_id, local_virtual_account_id, state, instances)
    select local_account_id, local_virtual_account_id, state, -count(*) from went group by 1, 2, 3;
    select local_account_id into account from went limit 1;
  else
    insert into product_instance_counts (local_account_id, local_virtual_account_id, state, instances)
    select local_account_id, local_virtual_account_id, state, sum(change)
    from (select local_account_id, local_virtual_account_id, state, 1 as change from came
          union all select local_account_id, local_virtual_account_id, state, -1 from went) moved
    group by 1, 2, 3 having sum(change) <> 0;
    select local_account_id into account from came limit 1;
  end if;
  if random() < 0.01 then
    perform fold_product_instance_counts(account);
  end if;
  return null;
end
$$;

CREATE FUNCTION public.fold_product_instance_counts(account integer) RETURNS void
    LANGUAGE sql
    AS $$
  with taken as (
    select id from product_instance_counts where local_account_id = account for update skip locked),
  folded as (
    delete from product_instance_counts c using taken where c.local_account_id = account and c.id = taken.id
    returning local_virtual_account_id, state, instances)
  insert into product_instance_counts (local_account_id, local_virtual_account_id, state, instances)
  select account, local_virtual_account_id, state, sum(instances) from folded group by local_virtual_account_id, state having sum(instances) <> 0
$$;

CREATE FUNCTION public.keep_trail() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  if tg_op = 'DELETE' then
    -- What lies before an anchor may be pruned.
    if old.number <= (select coalesce(max(number), 0) from trail_seals where anchor) then return old; end if;
  end if;
  raise exception 'The trail is never changed: rows are only added to it.';
end $$;

CREATE FUNCTION public.move_usage() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  update usage set local_virtual_account_id = new.local_virtual_account_id
    where local_account_id = new.local_account_id and product_instance_id = new.id;
  return null;
end $$;

CREATE FUNCTION public.place_usage() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  select local_virtual_account_id into new.local_virtual_account_id from product_instances
    where local_account_id = new.local_account_id and id = new.product_instance_id;
  return new;
end $$;

CREATE FUNCTION public.tell_of_alert() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
declare
  change text := case when new.cleared_at is not null then 'cleared' when tg_op = 'INSERT' then 'raised' else 'changed' end;
begin
  insert into notices (receiver_id, topic, at, content)
  select r.id, 'alerts', coalesce(new.cleared_at, new.raised_at), json_build_object(
    'change', change, 'id', new.id,
    'account', (select json_build_object('id', a.uuid, 'name', a.name) from local_accounts a where a.id = new.local_account_id),
    'kind', new.kind, 'subject', new.subject, 'severity', new.severity, 'source', new.source, 'message', new.message, 'action', new.action,
    'raisedAt', new.raised_at, 'clearedAt', new.cleared_at)
  from receivers r where 'alerts' = any (r.topics);
  return null;
end $$;

CREATE FUNCTION public.tell_of_trail() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  insert into notices (receiver_id, topic, at, content)
  select r.id, 'trail', new.at, json_build_object('number', new.number, 'record', new.record::json)
  from receivers r where 'trail' = any (r.topics);
  return null;
end $$;

CREATE TABLE public.access_requests (
    local_account_id integer NOT NULL,
    id bigint NOT NULL,
    user_id integer NOT NULL,
    role text NOT NULL,
    local_virtual_account text DEFAULT ''::text NOT NULL,
    message text DEFAULT ''::text NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    decision text,
    decided_at timestamp with time zone,
    decided_by text,
    reason text,
    CONSTRAINT access_requests_check CHECK ((((decision IS NULL) = (decided_at IS NULL)) AND ((decision IS NULL) = (decided_by IS NULL)))),
    CONSTRAINT access_requests_decision_check CHECK ((decision = ANY (ARRAY['approved'::text, 'refused'::text, 'withdrawn'::text]))),
    CONSTRAINT access_requests_role_check CHECK ((role = ANY (ARRAY['smart-account-administrator'::text, 'smart-account-user'::text, 'virtual-account-administrator'::text, 'virtual-account-user'::text])))
);

ALTER TABLE public.access_requests ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.access_requests_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.account_authorities (
    local_account_id integer NOT NULL,
    account_ca_key bytea NOT NULL,
    account_ca_certificate text,
    signing_key bytea NOT NULL,
    signing_certificate text,
    sub_ca_certificates text[] DEFAULT '{}'::text[] NOT NULL,
    three_tier_certificate text,
    certificates_end_at timestamp with time zone
);

CREATE TABLE public.agenda (
    name text NOT NULL,
    done_at timestamp with time zone NOT NULL
);

CREATE TABLE public.alerts (
    local_account_id integer NOT NULL,
    id bigint NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    severity text NOT NULL,
    source text NOT NULL,
    message text NOT NULL,
    action text DEFAULT ''::text NOT NULL,
    raised_at timestamp with time zone NOT NULL,
    cleared_at timestamp with time zone,
    remind_at timestamp with time zone,
    dismissed_at timestamp with time zone,
    answered_by text,
    CONSTRAINT alerts_severity_check CHECK ((severity = ANY (ARRAY['critical'::text, 'major'::text, 'minor'::text, 'info'::text])))
);

ALTER TABLE public.alerts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.alerts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.api_clients (
    id integer NOT NULL,
    client_id text NOT NULL,
    secret_hash bytea NOT NULL,
    name text NOT NULL,
    local_account_id integer,
    scopes text[] NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by text NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone
);

ALTER TABLE public.api_clients ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.api_clients_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.api_tokens (
    token_hash bytea NOT NULL,
    api_client_id integer NOT NULL,
    user_id integer,
    scopes text[] NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

CREATE TABLE public.authorizations (
    local_account_id integer NOT NULL,
    local_virtual_account_id integer NOT NULL,
    tag_id integer NOT NULL,
    purchased bigint DEFAULT 0 NOT NULL,
    in_use bigint DEFAULT 0 NOT NULL,
    instances bigint DEFAULT 0 NOT NULL,
    reserved bigint DEFAULT 0 NOT NULL,
    borrowed bigint DEFAULT 0 NOT NULL,
    lent bigint DEFAULT 0 NOT NULL,
    balance bigint GENERATED ALWAYS AS (((((purchased - in_use) + borrowed) - lent) - reserved)) STORED NOT NULL,
    out_of_compliance_since timestamp with time zone,
    peak bigint DEFAULT 0 NOT NULL,
    next_peak bigint DEFAULT 0 NOT NULL,
    CONSTRAINT authorizations_borrowed_check CHECK ((borrowed >= 0)),
    CONSTRAINT authorizations_in_use_check CHECK ((in_use >= 0)),
    CONSTRAINT authorizations_instances_check CHECK ((instances >= 0)),
    CONSTRAINT authorizations_lent_check CHECK ((lent >= 0)),
    CONSTRAINT authorizations_purchased_check CHECK ((purchased >= 0)),
    CONSTRAINT authorizations_reserved_check CHECK ((reserved >= 0))
)
WITH (fillfactor='50');

CREATE TABLE public.backup_schedule (
    singleton boolean DEFAULT true NOT NULL,
    frequency text NOT NULL,
    hour smallint NOT NULL,
    keep_daily smallint NOT NULL,
    keep_weekly smallint NOT NULL,
    keep_monthly smallint NOT NULL,
    passphrase bytea NOT NULL,
    destination jsonb,
    next_at timestamp with time zone,
    failures integer DEFAULT 0 NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    changed_by text NOT NULL,
    CONSTRAINT backup_schedule_frequency_check CHECK ((frequency = ANY (ARRAY['off'::text, 'daily'::text, 'weekly'::text, 'monthly'::text]))),
    CONSTRAINT backup_schedule_hour_check CHECK (((hour >= 0) AND (hour <= 23))),
    CONSTRAINT backup_schedule_keep_daily_check CHECK ((keep_daily >= 0)),
    CONSTRAINT backup_schedule_keep_monthly_check CHECK ((keep_monthly >= 0)),
    CONSTRAINT backup_schedule_keep_weekly_check CHECK ((keep_weekly >= 0)),
    CONSTRAINT backup_schedule_singleton_check CHECK (singleton)
);

CREATE TABLE public.backups (
    id bigint NOT NULL,
    name text,
    origin text NOT NULL,
    state text NOT NULL,
    started_by text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    bytes bigint,
    verified_at timestamp with time zone,
    shipped_at timestamp with time zone,
    message text,
    CONSTRAINT backups_origin_check CHECK ((origin = ANY (ARRAY['person'::text, 'schedule'::text]))),
    CONSTRAINT backups_state_check CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'failed'::text])))
);

ALTER TABLE public.backups ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.backups_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.certificates (
    local_account_id integer NOT NULL,
    serial numeric(20,0) NOT NULL,
    product_instance_id uuid NOT NULL,
    state text NOT NULL,
    der bytea NOT NULL,
    not_before timestamp with time zone NOT NULL,
    not_after timestamp with time zone NOT NULL,
    CONSTRAINT certificates_state_check CHECK ((state = ANY (ARRAY['current'::text, 'previous'::text, 'unacknowledged'::text])))
);

CREATE TABLE public.cloud_credentials (
    local_account_id integer NOT NULL,
    client_id text NOT NULL,
    client_secret bytea NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    changed_by text NOT NULL
);

CREATE TABLE public.conversion_lines (
    local_account_id integer NOT NULL,
    product_instance_id uuid NOT NULL,
    conversion_id uuid NOT NULL,
    line bigint NOT NULL,
    source text NOT NULL,
    sku text,
    feature text,
    count bigint NOT NULL,
    tag text,
    serial text,
    proof text,
    status text DEFAULT 'PENDING_UPSTREAM'::text NOT NULL,
    granted_tag text,
    granted_count bigint DEFAULT 0 NOT NULL,
    message text,
    decided_at timestamp with time zone,
    CONSTRAINT conversion_lines_count_check CHECK ((count > 0)),
    CONSTRAINT conversion_lines_status_check CHECK ((status = ANY (ARRAY['CONVERTED'::text, 'ALREADY_CONVERTED'::text, 'NOT_ELIGIBLE'::text, 'PENDING_UPSTREAM'::text])))
);

CREATE TABLE public.conversions (
    local_account_id integer NOT NULL,
    product_instance_id uuid NOT NULL,
    conversion_id uuid NOT NULL,
    request_hash bytea NOT NULL,
    poll_id bigint NOT NULL,
    name text NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    results_until timestamp with time zone
);

ALTER TABLE public.conversions ALTER COLUMN poll_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.conversions_poll_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.entitlement_shares (
    local_account_id integer NOT NULL,
    license_id text NOT NULL,
    local_virtual_account_id integer NOT NULL,
    quantity bigint NOT NULL,
    CONSTRAINT entitlement_shares_quantity_check CHECK ((quantity > 0))
);

CREATE TABLE public.entitlement_substitutions (
    tag_id integer NOT NULL,
    stands_in_for_tag_id integer NOT NULL,
    distance integer NOT NULL,
    CONSTRAINT entitlement_substitutions_distance_check CHECK ((distance > 0))
);

CREATE TABLE public.entitlement_tags (
    id integer NOT NULL,
    tag text NOT NULL,
    display_name text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    license_type text DEFAULT 'PERPETUAL'::text NOT NULL,
    export_restricted boolean DEFAULT false NOT NULL
);

ALTER TABLE public.entitlement_tags ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.entitlement_tags_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.entitlements (
    local_account_id integer NOT NULL,
    license_id text NOT NULL,
    tag_id integer NOT NULL,
    license_type text NOT NULL,
    quantity bigint NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone,
    subscription_id text,
    export_restricted boolean DEFAULT false NOT NULL,
    status text NOT NULL,
    CONSTRAINT entitlements_license_type_check CHECK ((license_type = ANY (ARRAY['PERPETUAL'::text, 'TERM'::text, 'SUBSCRIPTION'::text, 'DEMO'::text]))),
    CONSTRAINT entitlements_quantity_check CHECK ((quantity >= 0))
);

CREATE TABLE public.events (
    local_account_id integer NOT NULL,
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    kind text NOT NULL,
    message text NOT NULL,
    who text NOT NULL,
    source text,
    local_virtual_account_id integer,
    product_instance_id uuid,
    tag_id integer,
    correlation_id uuid
);

ALTER TABLE public.events ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.former_passwords (
    user_id integer NOT NULL,
    replaced_at timestamp with time zone NOT NULL,
    password_hash text NOT NULL
);

CREATE TABLE public.group_roles (
    id integer NOT NULL,
    origin text NOT NULL,
    pattern text NOT NULL,
    role text NOT NULL,
    local_account_id integer,
    local_virtual_account_id integer,
    created_at timestamp with time zone NOT NULL,
    created_by text NOT NULL,
    CONSTRAINT group_roles_origin_check CHECK ((origin = ANY (ARRAY['directory'::text, 'openid'::text, 'saml'::text]))),
    CONSTRAINT group_roles_role_check CHECK ((role = ANY (ARRAY['system-administrator'::text, 'system-operator'::text, 'smart-account-administrator'::text, 'smart-account-user'::text, 'virtual-account-administrator'::text, 'virtual-account-user'::text])))
);

ALTER TABLE public.group_roles ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.group_roles_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.instance_batches (
    local_account_id integer NOT NULL,
    id bigint NOT NULL,
    deed text NOT NULL,
    to_place integer,
    user_id integer NOT NULL,
    chosen jsonb NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    total bigint NOT NULL,
    done bigint DEFAULT 0 NOT NULL,
    there_already bigint DEFAULT 0 NOT NULL,
    after_name text,
    after_id uuid,
    state text DEFAULT 'running'::text NOT NULL,
    failure text,
    ended_at timestamp with time zone,
    CONSTRAINT instance_batches_check CHECK (((deed = 'transfer'::text) = (to_place IS NOT NULL))),
    CONSTRAINT instance_batches_check1 CHECK (((state = 'running'::text) = (ended_at IS NULL))),
    CONSTRAINT instance_batches_deed_check CHECK ((deed = ANY (ARRAY['transfer'::text, 'removal'::text]))),
    CONSTRAINT instance_batches_state_check CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'stopped'::text, 'failed'::text])))
);

ALTER TABLE public.instance_batches ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.instance_batches_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.local_accounts (
    id integer NOT NULL,
    uuid uuid NOT NULL,
    name text NOT NULL,
    state text NOT NULL,
    smart_account_id text,
    smart_account_name text NOT NULL,
    virtual_account_id text,
    virtual_account_name text NOT NULL,
    notification_email text,
    message text,
    requested_by text NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    registered_at timestamp with time zone,
    last_synchronized_at timestamp with time zone,
    next_synchronization_at timestamp with time zone,
    sequence integer,
    chain_hash text,
    withhold_hostname boolean DEFAULT false NOT NULL,
    withhold_ip boolean DEFAULT false NOT NULL,
    withhold_mac boolean DEFAULT false NOT NULL,
    requester_id integer,
    decided_at timestamp with time zone,
    decided_by text,
    decision_reason text,
    privacy_is_own boolean DEFAULT false NOT NULL,
    CONSTRAINT local_accounts_state_check CHECK ((state = ANY (ARRAY['requested'::text, 'rejected'::text, 'approved'::text, 'registered'::text, 'inactive'::text])))
);

ALTER TABLE public.local_accounts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.local_accounts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.local_virtual_accounts (
    local_account_id integer NOT NULL,
    id integer NOT NULL,
    name text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    is_default boolean DEFAULT false NOT NULL,
    is_public boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone NOT NULL
);

ALTER TABLE public.local_virtual_accounts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.local_virtual_accounts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.mails (
    id bigint NOT NULL,
    local_account_id integer NOT NULL,
    cause text NOT NULL,
    recipients text[] NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    next_at timestamp with time zone,
    attempts integer DEFAULT 0 NOT NULL,
    sent_at timestamp with time zone,
    failure text,
    attachment_name text,
    attachment_type text,
    attachment bytea,
    CONSTRAINT mails_check CHECK ((((attachment IS NULL) = (attachment_name IS NULL)) AND ((attachment IS NULL) = (attachment_type IS NULL))))
);

ALTER TABLE public.mails ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.mails_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.migrations (
    id integer NOT NULL,
    name character varying(255),
    batch integer,
    migration_time timestamp with time zone
);

CREATE SEQUENCE public.migrations_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.migrations_id_seq OWNED BY public.migrations.id;

CREATE TABLE public.migrations_lock (
    index integer NOT NULL,
    is_locked integer
);

CREATE SEQUENCE public.migrations_lock_index_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.migrations_lock_index_seq OWNED BY public.migrations_lock.index;

CREATE TABLE public.notices (
    receiver_id integer NOT NULL,
    id bigint NOT NULL,
    topic text NOT NULL,
    at timestamp with time zone NOT NULL,
    content text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    answer text,
    delivered_at timestamp with time zone,
    given_up_at timestamp with time zone,
    CONSTRAINT notices_topic_check CHECK ((topic = ANY (ARRAY['alerts'::text, 'trail'::text, 'test'::text])))
);

ALTER TABLE public.notices ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.notices_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.password_reset_codes (
    user_id integer NOT NULL,
    code_hash bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    created_by text NOT NULL
);

CREATE TABLE public.polls (
    local_account_id integer NOT NULL,
    id bigint NOT NULL,
    sender bytea NOT NULL,
    action text NOT NULL,
    request jsonb NOT NULL,
    answer jsonb,
    created_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    CONSTRAINT polls_action_check CHECK ((action = ANY (ARRAY['registration'::text, 'conversion'::text])))
);

ALTER TABLE public.polls ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.polls_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.product_instance_contacts (
    local_account_id integer NOT NULL,
    product_instance_id uuid NOT NULL,
    last_contact_at timestamp with time zone NOT NULL,
    last_reported_at timestamp with time zone,
    entitlement_version bigint DEFAULT 0 NOT NULL
)
WITH (fillfactor='85');

CREATE TABLE public.product_instance_counts (
    local_account_id integer NOT NULL,
    local_virtual_account_id integer NOT NULL,
    state text NOT NULL,
    id bigint NOT NULL,
    instances bigint NOT NULL
);

ALTER TABLE public.product_instance_counts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.product_instance_counts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.product_instances (
    local_account_id integer NOT NULL,
    id uuid NOT NULL,
    local_virtual_account_id integer NOT NULL,
    state text NOT NULL,
    software_tag text NOT NULL,
    product_type text NOT NULL,
    udi_key text NOT NULL,
    udi_pid text,
    udi_serial_number text,
    devices jsonb NOT NULL,
    hostname text,
    name text NOT NULL,
    export_controlled boolean NOT NULL,
    agent_version text,
    capabilities text[] DEFAULT '{}'::text[] NOT NULL,
    registration_token_id uuid NOT NULL,
    registered_at timestamp with time zone NOT NULL,
    acknowledged_at timestamp with time zone,
    CONSTRAINT product_instances_state_check CHECK ((state = ANY (ARRAY['PENDING_ACK'::text, 'REGISTERED'::text, 'EXPIRED'::text])))
);

CREATE TABLE public.provider_sign_ins (
    id_hash bytea NOT NULL,
    secrets bytea NOT NULL,
    next text NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.receivers (
    id integer NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    settings jsonb NOT NULL,
    secret bytea,
    topics text[] NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    failure text,
    failing_since timestamp with time zone,
    next_at timestamp with time zone NOT NULL,
    last_delivered_at timestamp with time zone,
    dropped bigint DEFAULT 0 NOT NULL,
    CONSTRAINT receivers_kind_check CHECK ((kind = ANY (ARRAY['syslog'::text, 'webhook'::text]))),
    CONSTRAINT receivers_topics_check CHECK ((topics <@ ARRAY['alerts'::text, 'trail'::text]))
);

ALTER TABLE public.receivers ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.receivers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.recovery_codes (
    user_id integer NOT NULL,
    code_hash bytea NOT NULL
);

CREATE TABLE public.registration_tokens (
    local_account_id integer NOT NULL,
    id uuid NOT NULL,
    local_virtual_account_id integer NOT NULL,
    secret_hash bytea NOT NULL,
    secret_sealed bytea NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    export_controlled boolean DEFAULT false NOT NULL,
    maximum_uses integer,
    uses integer DEFAULT 0 NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by text NOT NULL,
    revoked_at timestamp with time zone,
    revoked_by text,
    CONSTRAINT registration_tokens_maximum_uses_check CHECK ((maximum_uses > 0))
)
WITH (fillfactor='70');

CREATE TABLE public.replies (
    local_account_id integer NOT NULL,
    sender bytea NOT NULL,
    nonce text NOT NULL,
    request_hash bytea NOT NULL,
    reply bytea NOT NULL,
    answered_at timestamp with time zone NOT NULL
);

CREATE TABLE public.report_schedules (
    local_account_id integer NOT NULL,
    id bigint NOT NULL,
    user_id integer NOT NULL,
    report text NOT NULL,
    asked jsonb DEFAULT '{}'::jsonb NOT NULL,
    file_kind text NOT NULL,
    recipients text[] NOT NULL,
    frequency text NOT NULL,
    hour smallint NOT NULL,
    next_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_sent_at timestamp with time zone,
    CONSTRAINT report_schedules_file_kind_check CHECK ((file_kind = ANY (ARRAY['csv'::text, 'json'::text]))),
    CONSTRAINT report_schedules_frequency_check CHECK ((frequency = ANY (ARRAY['daily'::text, 'weekly'::text, 'monthly'::text]))),
    CONSTRAINT report_schedules_hour_check CHECK (((hour >= 0) AND (hour <= 23)))
);

ALTER TABLE public.report_schedules ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.report_schedules_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.reported_product_instances (
    local_account_id integer NOT NULL,
    product_instance_id uuid NOT NULL,
    fingerprint bigint NOT NULL
);

CREATE TABLE public.resynchronizations (
    local_account_id integer NOT NULL,
    reason text NOT NULL,
    last_sequence integer,
    token text,
    CONSTRAINT resynchronizations_reason_check CHECK ((reason = ANY (ARRAY['CLOCK_SHIFT'::text, 'MISMATCH'::text, 'RESTORED'::text, 'AUTHORITY'::text])))
);

CREATE TABLE public.role_assignments (
    id integer NOT NULL,
    user_id integer NOT NULL,
    role text NOT NULL,
    local_account_id integer,
    local_virtual_account_id integer,
    granted_by text DEFAULT 'person'::text NOT NULL,
    CONSTRAINT role_assignments_granted_by_check CHECK ((granted_by = ANY (ARRAY['person'::text, 'groups'::text]))),
    CONSTRAINT role_assignments_role_check CHECK ((role = ANY (ARRAY['system-administrator'::text, 'system-operator'::text, 'smart-account-administrator'::text, 'smart-account-user'::text, 'virtual-account-administrator'::text, 'virtual-account-user'::text])))
);

ALTER TABLE public.role_assignments ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.role_assignments_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.schema_compatibility (
    singleton boolean DEFAULT true NOT NULL,
    least_known integer NOT NULL,
    kept integer,
    CONSTRAINT schema_compatibility_singleton_check CHECK (singleton)
);

CREATE TABLE public.second_factors (
    user_id integer NOT NULL,
    secret bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    confirmed_at timestamp with time zone,
    last_step bigint DEFAULT 0 NOT NULL
);

CREATE TABLE public.sent_product_instances (
    local_account_id integer NOT NULL,
    product_instance_id uuid NOT NULL,
    change text NOT NULL,
    fingerprint bigint,
    CONSTRAINT sent_product_instances_change_check CHECK ((change = ANY (ARRAY['added'::text, 'changed'::text, 'removed'::text])))
);

CREATE TABLE public.server_identity (
    singleton boolean DEFAULT true NOT NULL,
    server_uuid uuid NOT NULL,
    signing_key bytea NOT NULL,
    signing_certificate text,
    sub_ca_certificates text[] DEFAULT '{}'::text[] NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT server_identity_singleton_check CHECK (singleton)
);

CREATE TABLE public.sessions (
    id_hash bytea NOT NULL,
    user_id integer NOT NULL,
    csrf_token text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    address text NOT NULL,
    user_agent text DEFAULT ''::text NOT NULL,
    local_account_id integer,
    notice jsonb,
    number bigint NOT NULL,
    provider_token bytea
)
WITH (fillfactor='70');

ALTER TABLE public.sessions ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.sessions_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.settings (
    name text NOT NULL,
    value jsonb,
    secret bytea,
    changed_at timestamp with time zone NOT NULL,
    changed_by text NOT NULL
);

CREATE TABLE public.silent_product_instances (
    local_account_id integer NOT NULL,
    product_instance_id uuid NOT NULL,
    authorization_ended boolean NOT NULL
);

CREATE TABLE public.substitutions (
    local_account_id integer NOT NULL,
    local_virtual_account_id integer NOT NULL,
    borrower_tag_id integer NOT NULL,
    lender_tag_id integer NOT NULL,
    quantity bigint NOT NULL,
    CONSTRAINT substitutions_quantity_check CHECK ((quantity > 0))
);

CREATE UNLOGGED TABLE public.synchronization_progress (
    local_account_id integer NOT NULL,
    step text NOT NULL,
    done bigint NOT NULL,
    total bigint,
    told_at timestamp with time zone NOT NULL,
    CONSTRAINT synchronization_progress_step_check CHECK ((step = ANY (ARRAY['writing'::text, 'sending'::text, 'waiting'::text, 'applying'::text])))
);

CREATE TABLE public.synchronization_schedules (
    local_account_id integer NOT NULL,
    frequency text,
    hour smallint,
    next_at timestamp with time zone,
    failures integer DEFAULT 0 NOT NULL,
    CONSTRAINT synchronization_schedules_check CHECK (((frequency IS NULL) = (hour IS NULL))),
    CONSTRAINT synchronization_schedules_frequency_check CHECK ((frequency = ANY (ARRAY['off'::text, 'daily'::text, 'weekly'::text, 'monthly'::text]))),
    CONSTRAINT synchronization_schedules_hour_check CHECK (((hour >= 0) AND (hour <= 23)))
);

CREATE TABLE public.synchronizations (
    local_account_id integer NOT NULL,
    id bigint NOT NULL,
    kind text NOT NULL,
    carrier text NOT NULL,
    reason text NOT NULL,
    state text NOT NULL,
    sequence integer NOT NULL,
    request_id uuid NOT NULL,
    nonce text NOT NULL,
    request_hash text NOT NULL,
    request text NOT NULL,
    response text,
    poll_id text,
    requested_by text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    code text,
    message text,
    summary jsonb DEFAULT '{}'::jsonb NOT NULL,
    carried_at timestamp with time zone,
    CONSTRAINT synchronizations_carrier_check CHECK ((carrier = ANY (ARRAY['network'::text, 'manual'::text]))),
    CONSTRAINT synchronizations_kind_check CHECK ((kind = ANY (ARRAY['registration'::text, 'standard'::text, 'full'::text]))),
    CONSTRAINT synchronizations_state_check CHECK ((state = ANY (ARRAY['prepared'::text, 'outstanding'::text, 'applied'::text, 'refused'::text, 'cancelled'::text, 'failed'::text])))
);

ALTER TABLE public.synchronizations ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.synchronizations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.tls_certificates (
    purpose text NOT NULL,
    private_key bytea NOT NULL,
    chain text NOT NULL,
    root text NOT NULL,
    root_key bytea,
    not_after timestamp with time zone NOT NULL,
    CONSTRAINT tls_certificates_purpose_check CHECK ((purpose = ANY (ARRAY['browser'::text, 'device'::text])))
);

CREATE TABLE public.tombstones (
    local_account_id integer NOT NULL,
    product_instance_id uuid NOT NULL,
    name text NOT NULL,
    removed_at timestamp with time zone NOT NULL,
    removed_by text NOT NULL,
    reason text NOT NULL
);

CREATE TABLE public.trail (
    number bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    record text NOT NULL,
    hash bytea NOT NULL,
    outcome text GENERATED ALWAYS AS (((record)::jsonb ->> 'outcome'::text)) STORED NOT NULL,
    who text GENERATED ALWAYS AS (((record)::jsonb ->> 'who'::text)) STORED NOT NULL
);

CREATE TABLE public.trail_head (
    singleton boolean DEFAULT true NOT NULL,
    number bigint NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT trail_head_singleton_check CHECK (singleton)
)
WITH (fillfactor='50');

CREATE TABLE public.trail_seals (
    number bigint NOT NULL,
    hash bytea NOT NULL,
    sealed_at timestamp with time zone NOT NULL,
    seal bytea NOT NULL,
    anchor boolean DEFAULT false NOT NULL
);

CREATE TABLE public.trail_waiting (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    record text NOT NULL
);

ALTER TABLE public.trail_waiting ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.trail_waiting_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.trusted_authorities (
    fingerprint text NOT NULL,
    certificate text NOT NULL,
    name text NOT NULL,
    issuer text NOT NULL,
    not_before timestamp with time zone NOT NULL,
    not_after timestamp with time zone NOT NULL,
    added_at timestamp with time zone NOT NULL,
    added_by text NOT NULL,
    CONSTRAINT trusted_authorities_fingerprint_check CHECK ((fingerprint ~ '^[0-9a-f]{64}$'::text))
);

CREATE TABLE public.uploaded_responses (
    local_account_id integer NOT NULL,
    file text NOT NULL,
    uploaded_at timestamp with time zone NOT NULL,
    uploaded_by text NOT NULL
);

CREATE TABLE public.usage (
    local_account_id integer NOT NULL,
    product_instance_id uuid NOT NULL,
    tag_id integer NOT NULL,
    version text DEFAULT ''::text NOT NULL,
    quantity bigint NOT NULL,
    since timestamp with time zone NOT NULL,
    local_virtual_account_id integer,
    CONSTRAINT usage_quantity_check CHECK ((quantity > 0))
)
WITH (fillfactor='85');

CREATE TABLE public.usage_history (
    local_account_id integer NOT NULL,
    local_virtual_account_id integer NOT NULL,
    tag_id integer NOT NULL,
    day date NOT NULL,
    purchased bigint NOT NULL,
    in_use bigint NOT NULL,
    short bigint NOT NULL
);

CREATE TABLE public.users (
    id integer NOT NULL,
    username text NOT NULL,
    display_name text DEFAULT ''::text NOT NULL,
    email text,
    password_hash text,
    password_changed_at timestamp with time zone NOT NULL,
    must_change_password boolean DEFAULT false NOT NULL,
    disabled_at timestamp with time zone,
    failed_at timestamp with time zone[] DEFAULT '{}'::timestamp with time zone[] NOT NULL,
    locked_until timestamp with time zone,
    failures_since_sign_in integer DEFAULT 0 NOT NULL,
    last_sign_in_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    theme text DEFAULT 'system'::text NOT NULL,
    enabled_at timestamp with time zone,
    origin text DEFAULT 'local'::text NOT NULL,
    external_id text,
    confirmed_at timestamp with time zone,
    preferences jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT users_origin_check CHECK ((origin = ANY (ARRAY['local'::text, 'directory'::text, 'openid'::text, 'saml'::text]))),
    CONSTRAINT users_password CHECK (((origin <> 'local'::text) OR (password_hash IS NOT NULL))),
    CONSTRAINT users_preferences_check CHECK ((jsonb_typeof(preferences) = 'object'::text)),
    CONSTRAINT users_theme_check CHECK ((theme = ANY (ARRAY['system'::text, 'light'::text, 'dark'::text])))
);

ALTER TABLE public.users ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.users_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.waiting_sign_ins (
    id_hash bytea NOT NULL,
    user_id integer NOT NULL,
    next text NOT NULL,
    created_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.migrations ALTER COLUMN id SET DEFAULT nextval('public.migrations_id_seq'::regclass);

ALTER TABLE ONLY public.migrations_lock ALTER COLUMN index SET DEFAULT nextval('public.migrations_lock_index_seq'::regclass);

ALTER TABLE ONLY public.access_requests
    ADD CONSTRAINT access_requests_pkey PRIMARY KEY (local_account_id, id);

ALTER TABLE ONLY public.account_authorities
    ADD CONSTRAINT account_authorities_pkey PRIMARY KEY (local_account_id);

ALTER TABLE ONLY public.agenda
    ADD CONSTRAINT agenda_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT alerts_pkey PRIMARY KEY (local_account_id, id);

ALTER TABLE ONLY public.api_clients
    ADD CONSTRAINT api_clients_client_id_key UNIQUE (client_id);

ALTER TABLE ONLY public.api_clients
    ADD CONSTRAINT api_clients_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY public.authorizations
    ADD CONSTRAINT authorizations_pkey PRIMARY KEY (local_account_id, local_virtual_account_id, tag_id);

ALTER TABLE ONLY public.backup_schedule
    ADD CONSTRAINT backup_schedule_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.backups
    ADD CONSTRAINT backups_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.certificates
    ADD CONSTRAINT certificates_pkey PRIMARY KEY (local_account_id, serial);

ALTER TABLE ONLY public.cloud_credentials
    ADD CONSTRAINT cloud_credentials_pkey PRIMARY KEY (local_account_id);

ALTER TABLE ONLY public.conversion_lines
    ADD CONSTRAINT conversion_lines_pkey PRIMARY KEY (local_account_id, product_instance_id, conversion_id, line);

ALTER TABLE ONLY public.conversions
    ADD CONSTRAINT conversions_pkey PRIMARY KEY (local_account_id, product_instance_id, conversion_id);

ALTER TABLE ONLY public.entitlement_shares
    ADD CONSTRAINT entitlement_shares_pkey PRIMARY KEY (local_account_id, license_id, local_virtual_account_id);

ALTER TABLE ONLY public.entitlement_substitutions
    ADD CONSTRAINT entitlement_substitutions_pkey PRIMARY KEY (stands_in_for_tag_id, tag_id);

ALTER TABLE ONLY public.entitlement_tags
    ADD CONSTRAINT entitlement_tags_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.entitlement_tags
    ADD CONSTRAINT entitlement_tags_tag_key UNIQUE (tag);

ALTER TABLE ONLY public.entitlements
    ADD CONSTRAINT entitlements_pkey PRIMARY KEY (local_account_id, license_id);

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (local_account_id, id);

ALTER TABLE ONLY public.former_passwords
    ADD CONSTRAINT former_passwords_pkey PRIMARY KEY (user_id, replaced_at);

ALTER TABLE ONLY public.group_roles
    ADD CONSTRAINT group_roles_origin_pattern_role_local_account_id_local_virt_key UNIQUE NULLS NOT DISTINCT (origin, pattern, role, local_account_id, local_virtual_account_id);

ALTER TABLE ONLY public.group_roles
    ADD CONSTRAINT group_roles_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.instance_batches
    ADD CONSTRAINT instance_batches_pkey PRIMARY KEY (local_account_id, id);

ALTER TABLE ONLY public.local_accounts
    ADD CONSTRAINT local_accounts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.local_accounts
    ADD CONSTRAINT local_accounts_uuid_key UNIQUE (uuid);

ALTER TABLE ONLY public.local_virtual_accounts
    ADD CONSTRAINT local_virtual_accounts_pkey PRIMARY KEY (local_account_id, id);

ALTER TABLE ONLY public.mails
    ADD CONSTRAINT mails_cause_key UNIQUE (cause);

ALTER TABLE ONLY public.mails
    ADD CONSTRAINT mails_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.migrations_lock
    ADD CONSTRAINT migrations_lock_pkey PRIMARY KEY (index);

ALTER TABLE ONLY public.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_pkey PRIMARY KEY (receiver_id, id);

ALTER TABLE ONLY public.password_reset_codes
    ADD CONSTRAINT password_reset_codes_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.polls
    ADD CONSTRAINT polls_pkey PRIMARY KEY (local_account_id, id);

ALTER TABLE ONLY public.product_instance_contacts
    ADD CONSTRAINT product_instance_contacts_pkey PRIMARY KEY (local_account_id, product_instance_id);

ALTER TABLE ONLY public.product_instance_counts
    ADD CONSTRAINT product_instance_counts_pkey PRIMARY KEY (local_account_id, local_virtual_account_id, state, id);

ALTER TABLE ONLY public.product_instances
    ADD CONSTRAINT product_instances_pkey PRIMARY KEY (local_account_id, id);

ALTER TABLE ONLY public.provider_sign_ins
    ADD CONSTRAINT provider_sign_ins_pkey PRIMARY KEY (id_hash);

ALTER TABLE ONLY public.receivers
    ADD CONSTRAINT receivers_name_key UNIQUE (name);

ALTER TABLE ONLY public.receivers
    ADD CONSTRAINT receivers_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.recovery_codes
    ADD CONSTRAINT recovery_codes_pkey PRIMARY KEY (user_id, code_hash);

ALTER TABLE ONLY public.registration_tokens
    ADD CONSTRAINT registration_tokens_pkey PRIMARY KEY (local_account_id, id);

ALTER TABLE ONLY public.replies
    ADD CONSTRAINT replies_pkey PRIMARY KEY (local_account_id, sender, nonce);

ALTER TABLE ONLY public.report_schedules
    ADD CONSTRAINT report_schedules_pkey PRIMARY KEY (local_account_id, id);

ALTER TABLE ONLY public.reported_product_instances
    ADD CONSTRAINT reported_product_instances_pkey PRIMARY KEY (local_account_id, product_instance_id);

ALTER TABLE ONLY public.resynchronizations
    ADD CONSTRAINT resynchronizations_pkey PRIMARY KEY (local_account_id);

ALTER TABLE ONLY public.role_assignments
    ADD CONSTRAINT role_assignments_once UNIQUE NULLS NOT DISTINCT (user_id, role, local_account_id, local_virtual_account_id, granted_by);

ALTER TABLE ONLY public.role_assignments
    ADD CONSTRAINT role_assignments_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.schema_compatibility
    ADD CONSTRAINT schema_compatibility_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.second_factors
    ADD CONSTRAINT second_factors_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.sent_product_instances
    ADD CONSTRAINT sent_product_instances_pkey PRIMARY KEY (local_account_id, product_instance_id);

ALTER TABLE ONLY public.server_identity
    ADD CONSTRAINT server_identity_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (id_hash);

ALTER TABLE ONLY public.settings
    ADD CONSTRAINT settings_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.silent_product_instances
    ADD CONSTRAINT silent_product_instances_pkey PRIMARY KEY (local_account_id, product_instance_id);

ALTER TABLE ONLY public.substitutions
    ADD CONSTRAINT substitutions_pkey PRIMARY KEY (local_account_id, local_virtual_account_id, borrower_tag_id, lender_tag_id);

ALTER TABLE ONLY public.synchronization_progress
    ADD CONSTRAINT synchronization_progress_pkey PRIMARY KEY (local_account_id);

ALTER TABLE ONLY public.synchronization_schedules
    ADD CONSTRAINT synchronization_schedules_pkey PRIMARY KEY (local_account_id);

ALTER TABLE ONLY public.synchronizations
    ADD CONSTRAINT synchronizations_pkey PRIMARY KEY (local_account_id, id);

ALTER TABLE ONLY public.tls_certificates
    ADD CONSTRAINT tls_certificates_pkey PRIMARY KEY (purpose);

ALTER TABLE ONLY public.tombstones
    ADD CONSTRAINT tombstones_pkey PRIMARY KEY (local_account_id, product_instance_id);

ALTER TABLE ONLY public.trail_head
    ADD CONSTRAINT trail_head_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.trail
    ADD CONSTRAINT trail_pkey PRIMARY KEY (number);

ALTER TABLE ONLY public.trail_seals
    ADD CONSTRAINT trail_seals_pkey PRIMARY KEY (number);

ALTER TABLE ONLY public.trail_waiting
    ADD CONSTRAINT trail_waiting_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.trusted_authorities
    ADD CONSTRAINT trusted_authorities_pkey PRIMARY KEY (fingerprint);

ALTER TABLE ONLY public.uploaded_responses
    ADD CONSTRAINT uploaded_responses_pkey PRIMARY KEY (local_account_id);

ALTER TABLE ONLY public.usage_history
    ADD CONSTRAINT usage_history_pkey PRIMARY KEY (local_account_id, local_virtual_account_id, tag_id, day);

ALTER TABLE ONLY public.usage
    ADD CONSTRAINT usage_pkey PRIMARY KEY (local_account_id, product_instance_id, tag_id);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.waiting_sign_ins
    ADD CONSTRAINT waiting_sign_ins_pkey PRIMARY KEY (id_hash);

CREATE INDEX access_requests_user ON public.access_requests USING btree (user_id, id);

CREATE UNIQUE INDEX access_requests_waiting ON public.access_requests USING btree (local_account_id, user_id) WHERE (decision IS NULL);

CREATE UNIQUE INDEX alerts_open ON public.alerts USING btree (local_account_id, kind, subject) WHERE (cleared_at IS NULL);

CREATE INDEX api_tokens_expires_at ON public.api_tokens USING btree (expires_at);

CREATE INDEX authorizations_out_of_compliance ON public.authorizations USING btree (local_account_id, tag_id) WHERE (out_of_compliance_since IS NOT NULL);

CREATE INDEX authorizations_tag ON public.authorizations USING btree (local_account_id, tag_id);

CREATE INDEX backups_name ON public.backups USING btree (name);

CREATE INDEX backups_started_at ON public.backups USING btree (started_at);

CREATE INDEX certificates_not_after ON public.certificates USING btree (not_after);

CREATE INDEX certificates_product_instance ON public.certificates USING btree (local_account_id, product_instance_id);

CREATE INDEX conversion_lines_converted ON public.conversion_lines USING btree (local_account_id, product_instance_id, line) WHERE (status = 'CONVERTED'::text);

CREATE INDEX conversions_newest ON public.conversions USING btree (local_account_id, poll_id);

CREATE UNIQUE INDEX conversions_poll ON public.conversions USING btree (local_account_id, product_instance_id, poll_id);

CREATE INDEX conversions_results_until ON public.conversions USING btree (results_until) WHERE (results_until IS NOT NULL);

CREATE INDEX conversions_waiting ON public.conversions USING btree (local_account_id, poll_id) WHERE (finished_at IS NULL);

CREATE INDEX entitlement_shares_local_virtual_account ON public.entitlement_shares USING btree (local_account_id, local_virtual_account_id);

CREATE INDEX entitlement_tags_name ON public.entitlement_tags USING btree (display_name, id);

CREATE INDEX entitlements_ends_at ON public.entitlements USING btree (local_account_id, ends_at) WHERE (ends_at IS NOT NULL);

CREATE INDEX entitlements_tag ON public.entitlements USING btree (local_account_id, tag_id);

CREATE INDEX events_changes ON public.events USING btree (local_account_id, id) WHERE (kind <> ALL ('{"usage changed","product instance registered","product instance renewed","product instance expired","out of compliance","in compliance"}'::text[]));

CREATE INDEX events_product_instance ON public.events USING btree (local_account_id, product_instance_id, id) WHERE (product_instance_id IS NOT NULL);

CREATE INDEX events_tag ON public.events USING btree (local_account_id, tag_id, id) WHERE (tag_id IS NOT NULL);

CREATE INDEX instance_batches_ended_at ON public.instance_batches USING btree (ended_at);

CREATE INDEX instance_batches_running ON public.instance_batches USING btree (local_account_id, id) WHERE (state = 'running'::text);

CREATE UNIQUE INDEX local_accounts_name ON public.local_accounts USING btree (lower(name)) WHERE (state <> 'rejected'::text);

CREATE INDEX local_accounts_requester ON public.local_accounts USING btree (requester_id) WHERE (requester_id IS NOT NULL);

CREATE UNIQUE INDEX local_accounts_virtual_account ON public.local_accounts USING btree (virtual_account_id) WHERE ((virtual_account_id IS NOT NULL) AND (state <> 'inactive'::text));

CREATE UNIQUE INDEX local_virtual_accounts_default ON public.local_virtual_accounts USING btree (local_account_id) WHERE is_default;

CREATE UNIQUE INDEX local_virtual_accounts_name ON public.local_virtual_accounts USING btree (local_account_id, lower(name));

CREATE INDEX mails_created_at ON public.mails USING btree (created_at);

CREATE INDEX mails_next_at ON public.mails USING btree (next_at) WHERE (next_at IS NOT NULL);

CREATE INDEX notices_at ON public.notices USING btree (at);

CREATE INDEX notices_waiting ON public.notices USING btree (receiver_id, id) WHERE ((delivered_at IS NULL) AND (given_up_at IS NULL));

CREATE INDEX polls_id ON public.polls USING btree (id);

CREATE UNIQUE INDEX polls_waiting ON public.polls USING btree (local_account_id, sender, action) WHERE (finished_at IS NULL);

CREATE INDEX product_instances_name ON public.product_instances USING btree (local_account_id, name, id);

CREATE INDEX product_instances_search ON public.product_instances USING gin ((((((name || ' '::text) || COALESCE(udi_serial_number, ''::text)) || ' '::text) || COALESCE(udi_pid, ''::text))) public.gin_trgm_ops);

CREATE INDEX product_instances_standing ON public.product_instances USING btree (local_account_id, local_virtual_account_id, state, name, id);

CREATE UNIQUE INDEX product_instances_udi ON public.product_instances USING btree (local_account_id, software_tag, udi_key);

CREATE INDEX replies_answered_at ON public.replies USING brin (answered_at);

CREATE INDEX report_schedules_next_at ON public.report_schedules USING btree (next_at);

CREATE INDEX report_schedules_user ON public.report_schedules USING btree (user_id);

CREATE UNIQUE INDEX sessions_number ON public.sessions USING btree (number);

CREATE INDEX sessions_user ON public.sessions USING btree (user_id);

CREATE INDEX synchronization_schedules_next_at ON public.synchronization_schedules USING btree (next_at);

CREATE INDEX synchronizations_id ON public.synchronizations USING btree (id DESC);

CREATE UNIQUE INDEX synchronizations_outstanding ON public.synchronizations USING btree (local_account_id) WHERE (state = ANY (ARRAY['prepared'::text, 'outstanding'::text]));

CREATE INDEX trail_at ON public.trail USING btree (at);

CREATE INDEX usage_place ON public.usage USING btree (local_account_id, tag_id, local_virtual_account_id, product_instance_id);

CREATE INDEX usage_tag ON public.usage USING btree (local_account_id, tag_id, product_instance_id);

CREATE UNIQUE INDEX users_external_id ON public.users USING btree (origin, external_id) WHERE (external_id IS NOT NULL);

CREATE UNIQUE INDEX users_username ON public.users USING btree (lower(username));

CREATE INDEX waiting_sign_ins_user_id ON public.waiting_sign_ins USING btree (user_id);

CREATE TRIGGER changed_alert_is_told AFTER UPDATE ON public.alerts FOR EACH ROW WHEN (((old.severity <> new.severity) OR (old.cleared_at IS DISTINCT FROM new.cleared_at))) EXECUTE FUNCTION public.tell_of_alert();

CREATE TRIGGER product_instance_moved AFTER UPDATE OF local_virtual_account_id ON public.product_instances FOR EACH ROW WHEN ((old.local_virtual_account_id IS DISTINCT FROM new.local_virtual_account_id)) EXECUTE FUNCTION public.move_usage();

CREATE TRIGGER product_instances_came AFTER INSERT ON public.product_instances REFERENCING NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION public.count_product_instances();

CREATE TRIGGER product_instances_moved AFTER UPDATE ON public.product_instances REFERENCING OLD TABLE AS went NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION public.count_product_instances();

CREATE TRIGGER product_instances_went AFTER DELETE ON public.product_instances REFERENCING OLD TABLE AS went FOR EACH STATEMENT EXECUTE FUNCTION public.count_product_instances();

CREATE TRIGGER raised_alert_is_told AFTER INSERT ON public.alerts FOR EACH ROW EXECUTE FUNCTION public.tell_of_alert();

CREATE CONSTRAINT TRIGGER trail_is_chained AFTER INSERT ON public.trail_waiting DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.chain_trail();

CREATE TRIGGER trail_is_kept BEFORE DELETE OR UPDATE ON public.trail FOR EACH ROW EXECUTE FUNCTION public.keep_trail();

CREATE TRIGGER trail_is_not_emptied BEFORE TRUNCATE ON public.trail FOR EACH STATEMENT EXECUTE FUNCTION public.keep_trail();

CREATE TRIGGER trail_is_told AFTER INSERT ON public.trail FOR EACH ROW EXECUTE FUNCTION public.tell_of_trail();

CREATE TRIGGER usage_placed BEFORE INSERT ON public.usage FOR EACH ROW WHEN ((new.local_virtual_account_id IS NULL)) EXECUTE FUNCTION public.place_usage();

ALTER TABLE ONLY public.access_requests
    ADD CONSTRAINT access_requests_local_account_id_fkey FOREIGN KEY (local_account_id) REFERENCES public.local_accounts(id);

ALTER TABLE ONLY public.access_requests
    ADD CONSTRAINT access_requests_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.account_authorities
    ADD CONSTRAINT account_authorities_local_account_id_fkey FOREIGN KEY (local_account_id) REFERENCES public.local_accounts(id);

ALTER TABLE ONLY public.api_clients
    ADD CONSTRAINT api_clients_local_account_id_fkey FOREIGN KEY (local_account_id) REFERENCES public.local_accounts(id);

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_api_client_id_fkey FOREIGN KEY (api_client_id) REFERENCES public.api_clients(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.authorizations
    ADD CONSTRAINT authorizations_local_account_id_local_virtual_account_id_fkey FOREIGN KEY (local_account_id, local_virtual_account_id) REFERENCES public.local_virtual_accounts(local_account_id, id);

ALTER TABLE ONLY public.authorizations
    ADD CONSTRAINT authorizations_tag_id_fkey FOREIGN KEY (tag_id) REFERENCES public.entitlement_tags(id);

ALTER TABLE ONLY public.certificates
    ADD CONSTRAINT certificates_local_account_id_product_instance_id_fkey FOREIGN KEY (local_account_id, product_instance_id) REFERENCES public.product_instances(local_account_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.conversion_lines
    ADD CONSTRAINT conversion_lines_local_account_id_product_instance_id_conv_fkey FOREIGN KEY (local_account_id, product_instance_id, conversion_id) REFERENCES public.conversions(local_account_id, product_instance_id, conversion_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.conversions
    ADD CONSTRAINT conversions_local_account_id_fkey FOREIGN KEY (local_account_id) REFERENCES public.local_accounts(id);

ALTER TABLE ONLY public.entitlement_shares
    ADD CONSTRAINT entitlement_shares_local_account_id_license_id_fkey FOREIGN KEY (local_account_id, license_id) REFERENCES public.entitlements(local_account_id, license_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.entitlement_shares
    ADD CONSTRAINT entitlement_shares_local_account_id_local_virtual_account__fkey FOREIGN KEY (local_account_id, local_virtual_account_id) REFERENCES public.local_virtual_accounts(local_account_id, id);

ALTER TABLE ONLY public.entitlement_substitutions
    ADD CONSTRAINT entitlement_substitutions_stands_in_for_tag_id_fkey FOREIGN KEY (stands_in_for_tag_id) REFERENCES public.entitlement_tags(id);

ALTER TABLE ONLY public.entitlement_substitutions
    ADD CONSTRAINT entitlement_substitutions_tag_id_fkey FOREIGN KEY (tag_id) REFERENCES public.entitlement_tags(id);

ALTER TABLE ONLY public.entitlements
    ADD CONSTRAINT entitlements_local_account_id_fkey FOREIGN KEY (local_account_id) REFERENCES public.local_accounts(id);

ALTER TABLE ONLY public.entitlements
    ADD CONSTRAINT entitlements_tag_id_fkey FOREIGN KEY (tag_id) REFERENCES public.entitlement_tags(id);

ALTER TABLE ONLY public.former_passwords
    ADD CONSTRAINT former_passwords_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.group_roles
    ADD CONSTRAINT group_roles_local_account_id_fkey FOREIGN KEY (local_account_id) REFERENCES public.local_accounts(id);

ALTER TABLE ONLY public.group_roles
    ADD CONSTRAINT group_roles_local_account_id_local_virtual_account_id_fkey FOREIGN KEY (local_account_id, local_virtual_account_id) REFERENCES public.local_virtual_accounts(local_account_id, id);

ALTER TABLE ONLY public.instance_batches
    ADD CONSTRAINT instance_batches_local_account_id_fkey FOREIGN KEY (local_account_id) REFERENCES public.local_accounts(id);

ALTER TABLE ONLY public.instance_batches
    ADD CONSTRAINT instance_batches_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.local_accounts
    ADD CONSTRAINT local_accounts_requester_id_fkey FOREIGN KEY (requester_id) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.local_virtual_accounts
    ADD CONSTRAINT local_virtual_accounts_local_account_id_fkey FOREIGN KEY (local_account_id) REFERENCES public.local_accounts(id);

ALTER TABLE ONLY public.password_reset_codes
    ADD CONSTRAINT password_reset_codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.polls
    ADD CONSTRAINT polls_local_account_id_fkey FOREIGN KEY (local_account_id) REFERENCES public.local_accounts(id);

ALTER TABLE ONLY public.product_instance_contacts
    ADD CONSTRAINT product_instance_contacts_local_account_id_product_instanc_fkey FOREIGN KEY (local_account_id, product_instance_id) REFERENCES public.product_instances(local_account_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.product_instances
    ADD CONSTRAINT product_instances_local_account_id_fkey FOREIGN KEY (local_account_id) REFERENCES public.local_accounts(id);

ALTER TABLE ONLY public.product_instances
    ADD CONSTRAINT product_instances_local_account_id_local_virtual_account_i_fkey FOREIGN KEY (local_account_id, local_virtual_account_id) REFERENCES public.local_virtual_accounts(local_account_id, id);

ALTER TABLE ONLY public.recovery_codes
    ADD CONSTRAINT recovery_codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.registration_tokens
    ADD CONSTRAINT registration_tokens_local_account_id_fkey FOREIGN KEY (local_account_id) REFERENCES public.local_accounts(id);

ALTER TABLE ONLY public.registration_tokens
    ADD CONSTRAINT registration_tokens_local_account_id_local_virtual_account_fkey FOREIGN KEY (local_account_id, local_virtual_account_id) REFERENCES public.local_virtual_accounts(local_account_id, id);

ALTER TABLE ONLY public.report_schedules
    ADD CONSTRAINT report_schedules_local_account_id_fkey FOREIGN KEY (local_account_id) REFERENCES public.local_accounts(id);

ALTER TABLE ONLY public.report_schedules
    ADD CONSTRAINT report_schedules_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.reported_product_instances
    ADD CONSTRAINT reported_product_instances_local_account_id_fkey FOREIGN KEY (local_account_id) REFERENCES public.local_accounts(id);

ALTER TABLE ONLY public.resynchronizations
    ADD CONSTRAINT resynchronizations_local_account_id_fkey FOREIGN KEY (local_account_id) REFERENCES public.local_accounts(id);

ALTER TABLE ONLY public.role_assignments
    ADD CONSTRAINT role_assignments_local_account_id_fkey FOREIGN KEY (local_account_id) REFERENCES public.local_accounts(id);

ALTER TABLE ONLY public.role_assignments
    ADD CONSTRAINT role_assignments_local_account_id_local_virtual_account_id_fkey FOREIGN KEY (local_account_id, local_virtual_account_id) REFERENCES public.local_virtual_accounts(local_account_id, id);

ALTER TABLE ONLY public.role_assignments
    ADD CONSTRAINT role_assignments_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.second_factors
    ADD CONSTRAINT second_factors_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sent_product_instances
    ADD CONSTRAINT sent_product_instances_local_account_id_fkey FOREIGN KEY (local_account_id) REFERENCES public.local_accounts(id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.silent_product_instances
    ADD CONSTRAINT silent_product_instances_local_account_id_product_instance_fkey FOREIGN KEY (local_account_id, product_instance_id) REFERENCES public.product_instances(local_account_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.substitutions
    ADD CONSTRAINT substitutions_borrower_tag_id_fkey FOREIGN KEY (borrower_tag_id) REFERENCES public.entitlement_tags(id);

ALTER TABLE ONLY public.substitutions
    ADD CONSTRAINT substitutions_lender_tag_id_fkey FOREIGN KEY (lender_tag_id) REFERENCES public.entitlement_tags(id);

ALTER TABLE ONLY public.synchronization_progress
    ADD CONSTRAINT synchronization_progress_local_account_id_fkey FOREIGN KEY (local_account_id) REFERENCES public.local_accounts(id);

ALTER TABLE ONLY public.synchronization_schedules
    ADD CONSTRAINT synchronization_schedules_local_account_id_fkey FOREIGN KEY (local_account_id) REFERENCES public.local_accounts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.synchronizations
    ADD CONSTRAINT synchronizations_local_account_id_fkey FOREIGN KEY (local_account_id) REFERENCES public.local_accounts(id);

ALTER TABLE ONLY public.tombstones
    ADD CONSTRAINT tombstones_local_account_id_fkey FOREIGN KEY (local_account_id) REFERENCES public.local_accounts(id);

ALTER TABLE ONLY public.uploaded_responses
    ADD CONSTRAINT uploaded_responses_local_account_id_fkey FOREIGN KEY (local_account_id) REFERENCES public.local_accounts(id);

ALTER TABLE ONLY public.usage_history
    ADD CONSTRAINT usage_history_local_account_id_fkey FOREIGN KEY (local_account_id) REFERENCES public.local_accounts(id);

ALTER TABLE ONLY public.usage
    ADD CONSTRAINT usage_local_account_id_product_instance_id_fkey FOREIGN KEY (local_account_id, product_instance_id) REFERENCES public.product_instances(local_account_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.usage
    ADD CONSTRAINT usage_tag_id_fkey FOREIGN KEY (tag_id) REFERENCES public.entitlement_tags(id);

ALTER TABLE ONLY public.waiting_sign_ins
    ADD CONSTRAINT waiting_sign_ins_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
