-- Organisations, the tenants, and who is a member of which.

-- The server acts in this role for itself. It is bound by row-level security like everybody.
-- A role belongs to the whole server, so another of its databases may have brought it along.
do $$
begin
  if not exists (select from pg_roles where rolname = 'lockstitch_server') then
    create role lockstitch_server nologin noinherit;
  end if;
end
$$;
comment on role lockstitch_server is 'The Lockstitch server, acting for itself.';
grant lockstitch_server to authenticator;

-- Nothing in here is reachable through an API; a role needs usage to call its few functions.
create schema private;
comment on schema private is 'What no API exposes: sessions, and the functions of the policies.';
revoke all on schema private from public;
grant usage on schema private to authenticated, service_role, lockstitch_server;
grant usage on schema public to lockstitch_server;
-- What is created here later is open to nobody until a migration says so.
alter default privileges in schema private revoke execute on functions from public;

-- RFC 9562: 48 bits of milliseconds, so that ids sort by age, then the random bits of version 4.
create function private.uuid_v7() returns uuid
language sql volatile parallel safe set search_path = ''
as $$
  select encode(
    set_bit(set_bit(
      overlay(
        uuid_send(gen_random_uuid())
        placing substring(
          int8send(floor(extract(epoch from clock_timestamp()) * 1000)::bigint) from 3
        )
        from 1 for 6
      ),
      52, 1), 53, 1),
    'hex'
  )::uuid
$$;
comment on function private.uuid_v7() is 'A new UUID of version 7: ids sort by age.';
revoke all on function private.uuid_v7() from public;
grant execute on function private.uuid_v7() to service_role, lockstitch_server;

create function private.set_updated_at() returns trigger
language plpgsql set search_path = ''
as $$
begin
  new.updated_at := now();
  return new;
end
$$;
comment on function private.set_updated_at() is 'Keeps updated_at true.';
revoke all on function private.set_updated_at() from public;

create table public.organisations (
  id uuid primary key default private.uuid_v7(),
  name text not null check (char_length(name) between 1 and 200),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);
comment on table public.organisations is 'The tenants: every row that a person can reach belongs to one.';
create trigger set_updated_at before update on public.organisations
  for each row execute function private.set_updated_at();

create table public.organisation_members (
  organisation_id uuid not null references public.organisations on delete cascade,
  person_id uuid not null references auth.users on delete cascade,
  role text not null check (role in ('owner', 'admin', 'member', 'viewer')),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  primary key (organisation_id, person_id)
);
comment on table public.organisation_members is 'Who is a member of which organisation, and as what.';
comment on column public.organisation_members.role is 'owner, admin, member or viewer; each may do what the next one may.';
create index organisation_members_person_id_idx on public.organisation_members (person_id);
create trigger set_updated_at before update on public.organisation_members
  for each row execute function private.set_updated_at();

-- Security definer: a policy on the table of members cannot read that table under itself.
create function private.my_organisation_ids() returns setof uuid
language sql stable security definer set search_path = ''
as $$
  select organisation_id
  from public.organisation_members
  where person_id = (select auth.uid())
$$;
comment on function private.my_organisation_ids() is 'The organisations of the person who asks.';
revoke all on function private.my_organisation_ids() from public;
grant execute on function private.my_organisation_ids() to authenticated;

create function private.my_role(organisation uuid) returns text
language sql stable security definer set search_path = ''
as $$
  select role
  from public.organisation_members
  where organisation_id = organisation and person_id = (select auth.uid())
$$;
comment on function private.my_role(uuid) is 'What the person who asks is in an organisation, or null.';
revoke all on function private.my_role(uuid) from public;
grant execute on function private.my_role(uuid) to authenticated;

alter table public.organisations enable row level security;
alter table public.organisation_members enable row level security;

-- Supabase opens new tables to the roles of its API; take that back, then give what is needed.
revoke all on public.organisations, public.organisation_members from anon, authenticated;
grant select on public.organisations, public.organisation_members to authenticated;
grant select, insert on public.organisations, public.organisation_members to lockstitch_server;

create policy members_read_their_organisations on public.organisations
  for select to authenticated
  using (id = any (array(select private.my_organisation_ids())));

create policy members_read_their_fellows on public.organisation_members
  for select to authenticated
  using (organisation_id = any (array(select private.my_organisation_ids())));

create policy server_reads on public.organisations
  for select to lockstitch_server using (true);

create policy server_founds on public.organisations
  for insert to lockstitch_server with check (true);

create policy server_reads on public.organisation_members
  for select to lockstitch_server using (true);

create policy server_admits on public.organisation_members
  for insert to lockstitch_server with check (true);
