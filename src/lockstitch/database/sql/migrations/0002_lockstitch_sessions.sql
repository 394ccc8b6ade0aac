-- Sign-ins: which browser is which person, in which organisation, until when.

create table private.sessions (
  id uuid primary key default private.uuid_v7(),
  token_hash bytea not null unique,
  person_id uuid not null references auth.users on delete cascade,
  organisation_id uuid not null references public.organisations on delete cascade,
  created_at timestamptz(3) not null default now(),
  last_seen_at timestamptz(3) not null default now(),
  expires_at timestamptz(3) not null check (expires_at > created_at)
);
comment on table private.sessions is 'Sign-ins. The token itself is in the cookie alone; here is its hash.';
create index sessions_person_id_idx on private.sessions (person_id);
create index sessions_organisation_id_idx on private.sessions (organisation_id);
create index sessions_expires_at_idx on private.sessions (expires_at);

alter table private.sessions enable row level security;
revoke all on private.sessions from public, anon, authenticated, service_role;
grant select, insert, delete, update (last_seen_at, expires_at, organisation_id)
  on private.sessions to lockstitch_server;
create policy server_keeps_sessions on private.sessions
  for all to lockstitch_server using (true) with check (true);

-- On Supabase the server has no right to read auth.users; this is all that it needs of it.
create function private.person_email(person uuid) returns text
language sql stable security definer set search_path = ''
as $$
  select email from auth.users where id = person
$$;
comment on function private.person_email(uuid) is 'The e-mail address of a person, for the server alone.';
revoke all on function private.person_email(uuid) from public;
grant execute on function private.person_email(uuid) to lockstitch_server;
