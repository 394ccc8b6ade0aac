-- People who sign in elsewhere, and the word that goes round when an identity changes.

create table private.linked_identities (
  id uuid primary key default private.uuid_v7(),
  person_id uuid not null references auth.users on delete cascade,
  provider text not null check (char_length(provider) between 1 and 100),
  issuer text not null check (char_length(issuer) between 1 and 500),
  subject text not null check (char_length(subject) between 1 and 255),
  email text check (char_length(email) between 3 and 320),
  created_at timestamptz(3) not null default now(),
  last_used_at timestamptz(3) not null default now(),
  constraint linked_identities_issuer_subject_key unique (issuer, subject)
);
comment on table private.linked_identities is 'Who a person is at the providers with which they sign in.';
comment on column private.linked_identities.provider is 'The name of the provider in the settings.';
comment on column private.linked_identities.subject is 'How the issuer calls the person; it never changes there.';
comment on column private.linked_identities.email is 'The address there when they last signed in, to tell them apart.';
create index linked_identities_person_id_idx on private.linked_identities (person_id);

alter table private.linked_identities enable row level security;
revoke all on private.linked_identities from public, anon, authenticated, service_role;
grant select, insert, delete, update (email, last_used_at) on private.linked_identities to lockstitch_server;
create policy server_keeps_linked_identities on private.linked_identities
  for all to lockstitch_server using (true) with check (true);

-- On Supabase the server has no right to read auth.users; this is all that it needs of it.
create function private.person_may_sign_in(person uuid) returns boolean
language sql stable security definer set search_path = ''
as $$
  select exists (
    select from auth.users
    where id = person and deleted_at is null and (banned_until is null or banned_until <= now())
  )
$$;
comment on function private.person_may_sign_in(uuid) is 'Whether a person is there and not banned, for the server alone.';
revoke all on function private.person_may_sign_in(uuid) from public;
grant execute on function private.person_may_sign_in(uuid) to lockstitch_server;

create function private.person_has_password(person uuid) returns boolean
language sql stable security definer set search_path = ''
as $$
  select exists (select from auth.users where id = person and encrypted_password <> '')
$$;
comment on function private.person_has_password(uuid) is 'Whether a person can sign in with a password, for the server alone.';
revoke all on function private.person_has_password(uuid) from public;
grant execute on function private.person_has_password(uuid) to lockstitch_server;

-- Processes keep who a key, a session or a token stands for. The first argument says what has
-- changed, the second which column names it.
create function private.tell_identity() returns trigger
language plpgsql set search_path = ''
as $$
begin
  perform pg_notify('lockstitch_identity', tg_argv[0] || ':' || (to_jsonb(old) ->> tg_argv[1]));
  return null;
end
$$;
comment on function private.tell_identity() is 'Tells every process to look an identity up again.';
revoke all on function private.tell_identity() from public;

create trigger tell_identity
  after update of organisation_id, scopes, expires_at, revoked_at or delete on public.api_keys
  for each row execute function private.tell_identity('key', 'id');
-- That it was seen again changes nothing of a session.
create trigger tell_identity_updated after update on private.sessions
  for each row when (
    to_jsonb(old) - '{last_seen_at,token_seen_at}'::text[]
    is distinct from to_jsonb(new) - '{last_seen_at,token_seen_at}'::text[]
  )
  execute function private.tell_identity('session', 'id');
-- Nobody keeps what is over: retention tells nothing.
create trigger tell_identity_deleted after delete on private.sessions
  for each row when (old.expires_at > now())
  execute function private.tell_identity('session', 'id');
create trigger tell_identity
  after update of role or delete on public.organisation_members
  for each row execute function private.tell_identity('person', 'person_id');
create trigger tell_identity after update of name on public.organisations
  for each row execute function private.tell_identity('organisation', 'id');
create trigger tell_identity after update of person_id or delete on private.linked_identities
  for each row execute function private.tell_identity('person', 'person_id');
