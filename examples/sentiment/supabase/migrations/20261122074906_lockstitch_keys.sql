-- Keys of machines, what was used, requests that must have one effect, and limits.

create table public.api_keys (
  id uuid primary key default private.uuid_v7(),
  organisation_id uuid not null references public.organisations on delete cascade,
  created_by uuid references auth.users on delete set null,
  name text not null check (char_length(name) between 1 and 200),
  prefix text not null check (char_length(prefix) between 4 and 40),
  key_hash bytea not null unique check (octet_length(key_hash) = 32),
  scopes text[] not null check (cardinality(scopes) >= 1),
  constraint api_keys_scopes_known check (scopes <@ array['predict']),
  expires_at timestamptz(3),
  last_used_at timestamptz(3),
  revoked_at timestamptz(3),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);
comment on table public.api_keys is 'What machines sign in with. A key is shown once; here is its hash.';
comment on column public.api_keys.prefix is 'How the key begins, so that a person can tell it from others.';
comment on column public.api_keys.key_hash is 'sha256 of the whole key.';
create index api_keys_organisation_id_idx on public.api_keys (organisation_id);
create index api_keys_created_by_idx on public.api_keys (created_by);
create trigger set_updated_at before update on public.api_keys
  for each row execute function private.set_updated_at();
create trigger audit after insert or update or delete on public.api_keys
  for each row execute function private.audit('name', 'prefix', 'scopes', 'expires_at', 'revoked_at');

alter table public.api_keys enable row level security;
revoke all on public.api_keys from anon, authenticated;
grant select (
    id, organisation_id, created_by, name, prefix, scopes, expires_at, last_used_at, revoked_at, created_at, updated_at
  ),
  insert (id, organisation_id, created_by, name, prefix, key_hash, scopes, expires_at),
  update (name, expires_at, revoked_at) on public.api_keys to authenticated;
grant select, update (last_used_at) on public.api_keys to lockstitch_server;
create policy admins_see_keys on public.api_keys
  for select to authenticated
  using (organisation_id = any (array(select private.my_organisation_ids('admin'))));
create policy admins_make_keys on public.api_keys
  for insert to authenticated
  with check (
    organisation_id = any (array(select private.my_organisation_ids('admin')))
    and created_by = (select auth.uid())
  );
create policy admins_change_keys on public.api_keys
  for update to authenticated
  using (organisation_id = any (array(select private.my_organisation_ids('admin'))))
  with check (organisation_id = any (array(select private.my_organisation_ids('admin'))));
create policy server_reads on public.api_keys for select to lockstitch_server using (true);
create policy server_notes_use on public.api_keys
  for update to lockstitch_server using (true) with check (true);

create table public.usage_events (
  id uuid primary key default private.uuid_v7(),
  organisation_id uuid not null references public.organisations on delete cascade,
  person_id uuid references auth.users on delete set null,
  api_key_id uuid references public.api_keys on delete set null,
  kind text not null check (char_length(kind) between 1 and 100),
  quantity double precision not null check (quantity >= 0),
  unit text not null check (char_length(unit) between 1 and 50),
  created_at timestamptz(3) not null default now()
);
comment on table public.usage_events is 'What an organisation used: predictions, tokens, seconds.';
create index usage_events_history_idx on public.usage_events (organisation_id, created_at desc, id desc);
create index usage_events_person_id_idx on public.usage_events (person_id);
create index usage_events_api_key_id_idx on public.usage_events (api_key_id);

alter table public.usage_events enable row level security;
revoke all on public.usage_events from anon, authenticated;
grant select on public.usage_events to authenticated;
grant insert on public.usage_events to lockstitch_server;
create policy members_read_usage on public.usage_events
  for select to authenticated
  using (organisation_id = any (array(select private.my_organisation_ids())));
create policy server_counts on public.usage_events
  for insert to lockstitch_server with check (true);

create table public.idempotency_keys (
  organisation_id uuid not null references public.organisations on delete cascade,
  caller text not null check (char_length(caller) between 1 and 200),
  key text not null check (char_length(key) between 1 and 255),
  operation text not null check (char_length(operation) between 1 and 200),
  request_hash bytea not null check (octet_length(request_hash) = 32),
  status integer check (status between 200 and 599),
  headers jsonb check (jsonb_typeof(headers) = 'object'),
  body bytea,
  created_at timestamptz(3) not null default now(),
  finished_at timestamptz(3),
  primary key (organisation_id, caller, key)
);
comment on table public.idempotency_keys is
  'Requests that came with an Idempotency-Key, and the answer that the same request gets again.';
comment on column public.idempotency_keys.caller is 'The person or the key: what one sends is not another''s.';
comment on column public.idempotency_keys.request_hash is 'sha256 of method, path and body.';
create index idempotency_keys_created_at_idx on public.idempotency_keys (created_at);

alter table public.idempotency_keys enable row level security;
revoke all on public.idempotency_keys from anon, authenticated, service_role;
grant select, insert, update, delete on public.idempotency_keys to lockstitch_server;
create policy server_keeps_answers on public.idempotency_keys
  for all to lockstitch_server using (true) with check (true);

create table private.rate_limits (
  key text primary key check (char_length(key) between 1 and 500),
  hits bigint not null check (hits >= 0),
  expires_at timestamptz(3) not null
);
comment on table private.rate_limits is 'How often somebody did something in the window that ends then.';
create index rate_limits_expires_at_idx on private.rate_limits (expires_at);

create table private.operators (
  person_id uuid primary key references auth.users on delete cascade,
  created_at timestamptz(3) not null default now()
);
comment on table private.operators is 'Who runs the installation: they change what is the whole application''s.';

create table private.workers (
  id uuid primary key default private.uuid_v7(),
  host text not null,
  pid integer not null check (pid > 0),
  version text not null,
  started_at timestamptz(3) not null default now(),
  seen_at timestamptz(3) not null default now()
);
comment on table private.workers is 'Processes that do jobs, and when each was last seen alive.';
create index workers_seen_at_idx on private.workers (seen_at);

alter table private.rate_limits enable row level security;
alter table private.operators enable row level security;
alter table private.workers enable row level security;
revoke all on private.rate_limits, private.operators, private.workers
  from public, anon, authenticated, service_role;
grant select, insert, update, delete on private.rate_limits, private.workers to lockstitch_server;
grant select, insert on private.operators to lockstitch_server;
create policy server_limits on private.rate_limits
  for all to lockstitch_server using (true) with check (true);
create policy server_knows_operators on private.operators
  for all to lockstitch_server using (true) with check (true);
create policy server_counts_workers on private.workers
  for all to lockstitch_server using (true) with check (true);
