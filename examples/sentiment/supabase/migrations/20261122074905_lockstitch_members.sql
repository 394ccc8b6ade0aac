-- Roles within an organisation, invitations, and the log of who changed what.

-- From the weakest to the strongest, so that a role may be compared with the least that is asked.
create function private.rank_of(role text) returns integer
language sql immutable parallel safe set search_path = ''
as $$ select array_position(array['viewer', 'member', 'admin', 'owner'], role) $$;
comment on function private.rank_of(text) is 'How much a role may do: 1 viewer, 4 owner.';
revoke all on function private.rank_of(text) from public;
grant execute on function private.rank_of(text) to authenticated, lockstitch_server;

create function private.my_organisation_ids(at_least text) returns setof uuid
language sql stable security definer set search_path = ''
as $$
  select organisation_id
  from public.organisation_members
  where person_id = (select auth.uid()) and private.rank_of(role) >= private.rank_of(at_least)
$$;
comment on function private.my_organisation_ids(text) is
  'The organisations in which the person who asks has at least this role.';
revoke all on function private.my_organisation_ids(text) from public;
grant execute on function private.my_organisation_ids(text) to authenticated;
grant execute on function private.uuid_v7() to authenticated;

-- What people may change of their organisation. Nobody is admitted here: an invitation does that.
grant update (name) on public.organisations to authenticated;
create policy admins_rename on public.organisations
  for update to authenticated
  using (id = any (array(select private.my_organisation_ids('admin'))))
  with check (id = any (array(select private.my_organisation_ids('admin'))));

grant update (role), delete on public.organisation_members to authenticated;
create policy admins_change_roles on public.organisation_members
  for update to authenticated
  using (
    organisation_id = any (array(select private.my_organisation_ids('admin')))
    and (role <> 'owner' or organisation_id = any (array(select private.my_organisation_ids('owner'))))
  )
  with check (
    organisation_id = any (array(select private.my_organisation_ids('admin')))
    and (role <> 'owner' or organisation_id = any (array(select private.my_organisation_ids('owner'))))
  );
create policy admins_dismiss_and_anybody_leaves on public.organisation_members
  for delete to authenticated
  using (
    person_id = (select auth.uid())
    or organisation_id = any (array(select private.my_organisation_ids('admin')))
    and (role <> 'owner' or organisation_id = any (array(select private.my_organisation_ids('owner'))))
  );

create function private.keep_an_owner() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  -- Two owners who leave at the same moment wait for each other here.
  perform from public.organisations where id = old.organisation_id for update;
  -- Who is no person any more leaves with everything; then nobody is left to ask.
  if found and exists (select from auth.users where id = old.person_id) and not exists (
    select from public.organisation_members
    where organisation_id = old.organisation_id and role = 'owner'
  ) then
    raise exception 'An organisation needs an owner. Make somebody else an owner first.'
      using errcode = 'check_violation', constraint = 'organisation_members_keep_an_owner';
  end if;
  return null;
end
$$;
comment on function private.keep_an_owner() is 'Refuses what would leave an organisation without owner.';
revoke all on function private.keep_an_owner() from public;
create trigger keep_an_owner after update of role or delete on public.organisation_members
  for each row when (old.role = 'owner') execute function private.keep_an_owner();

create table public.invitations (
  id uuid primary key default private.uuid_v7(),
  organisation_id uuid not null references public.organisations on delete cascade,
  email text not null check (char_length(email) between 3 and 320 and email = lower(email)),
  role text not null check (role in ('owner', 'admin', 'member', 'viewer')),
  token_hash bytea not null unique check (octet_length(token_hash) = 32),
  invited_by uuid references auth.users on delete set null,
  expires_at timestamptz(3) not null check (expires_at > created_at),
  accepted_at timestamptz(3),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);
comment on table public.invitations is 'Who was asked to join an organisation, as what, until when.';
comment on column public.invitations.token_hash is 'sha256 of the token in the letter; the token is nowhere else.';
create unique index invitations_open_key
  on public.invitations (organisation_id, email) where accepted_at is null;
create index invitations_invited_by_idx on public.invitations (invited_by);
create index invitations_expires_at_idx on public.invitations (expires_at);
create trigger set_updated_at before update on public.invitations
  for each row execute function private.set_updated_at();

alter table public.invitations enable row level security;
revoke all on public.invitations from anon, authenticated;
grant select (id, organisation_id, email, role, invited_by, expires_at, accepted_at, created_at, updated_at),
  insert (id, organisation_id, email, role, token_hash, invited_by, expires_at),
  delete on public.invitations to authenticated;
grant select, update (accepted_at), delete on public.invitations to lockstitch_server;

create policy admins_see_invitations on public.invitations
  for select to authenticated
  using (organisation_id = any (array(select private.my_organisation_ids('admin'))));
create policy admins_invite on public.invitations
  for insert to authenticated
  with check (
    organisation_id = any (array(select private.my_organisation_ids('admin')))
    and invited_by = (select auth.uid())
    and private.rank_of(role) <= private.rank_of(private.my_role(organisation_id))
  );
create policy admins_withdraw on public.invitations
  for delete to authenticated
  using (organisation_id = any (array(select private.my_organisation_ids('admin'))));
create policy server_keeps_invitations on public.invitations
  for all to lockstitch_server using (true) with check (true);

create table public.audit_log (
  id uuid primary key default private.uuid_v7(),
  organisation_id uuid references public.organisations on delete set null,
  person_id uuid references auth.users on delete set null,
  action text not null check (char_length(action) between 1 and 100),
  subject text not null check (char_length(subject) between 1 and 500),
  detail jsonb not null default '{}' check (jsonb_typeof(detail) = 'object'),
  created_at timestamptz(3) not null default now()
);
comment on table public.audit_log is 'Who changed what in an organisation. Rows are only ever added.';
comment on column public.audit_log.person_id is 'Null: the service itself, or the person is gone.';
comment on column public.audit_log.detail is 'What is worth knowing, never a secret or what a model was asked.';
create index audit_log_history_idx on public.audit_log (organisation_id, created_at desc, id desc);
create index audit_log_person_id_idx on public.audit_log (person_id);

alter table public.audit_log enable row level security;
revoke all on public.audit_log from anon, authenticated, service_role;
grant select on public.audit_log to authenticated, service_role;
grant select, insert on public.audit_log to lockstitch_server;
create policy admins_read_the_log on public.audit_log
  for select to authenticated
  using (organisation_id = any (array(select private.my_organisation_ids('admin'))));
create policy server_reads on public.audit_log for select to lockstitch_server using (true);
create policy server_adds on public.audit_log for insert to lockstitch_server with check (true);

-- Not even the owner of the table rewrites history; retention alone removes what is old.
create function private.refuse_rewriting() returns trigger
language plpgsql set search_path = ''
as $$
begin
  if tg_op = 'DELETE' and current_setting('lockstitch.retention', true) = 'on' then
    return old;
  end if;
  -- What hangs on a person or an organisation that is gone may let go of it.
  if tg_op = 'UPDATE' and (new.id, new.action, new.subject, new.detail, new.created_at)
    = (old.id, old.action, old.subject, old.detail, old.created_at)
    and (new.organisation_id is null or new.organisation_id = old.organisation_id)
    and (new.person_id is null or new.person_id = old.person_id) then
    return new;
  end if;
  raise exception 'The audit log is only added to.' using errcode = 'insufficient_privilege';
end
$$;
comment on function private.refuse_rewriting() is 'Keeps the audit log as it was written.';
revoke all on function private.refuse_rewriting() from public;
create trigger refuse_rewriting before update or delete on public.audit_log
  for each row execute function private.refuse_rewriting();
create trigger refuse_truncation before truncate on public.audit_log
  for each statement execute function private.refuse_rewriting();

-- Writes one line for each change of a table; the arguments name the columns worth telling.
create function private.audit() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  before jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) else '{}' end;
  after jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) else '{}' end;
  this jsonb := case when tg_op = 'DELETE' then before else after end;
  organisation uuid := this ->> 'organisation_id';
  told jsonb := '{}';
  name text;
begin
  foreach name in array tg_argv loop
    if after -> name is distinct from before -> name then
      told := told || jsonb_build_object(name, jsonb_strip_nulls(
        jsonb_build_object('before', before -> name, 'after', after -> name)
      ));
    end if;
  end loop;
  if tg_op = 'UPDATE' and told = '{}' then
    return null;
  end if;
  insert into public.audit_log (organisation_id, person_id, action, subject, detail)
  values (
    -- An organisation that is being removed takes its rows along.
    (select id from public.organisations where id = organisation),
    (select id from auth.users where id = (select auth.uid())),
    tg_table_name || '.' || lower(tg_op),
    coalesce(this ->> 'id', this ->> 'person_id', organisation::text),
    told
  );
  return null;
end
$$;
comment on function private.audit() is 'Writes the audit log; the trigger names the columns that it tells.';
revoke all on function private.audit() from public;
create trigger audit after insert or update or delete on public.organisation_members
  for each row execute function private.audit('role');
create trigger audit after insert or update or delete on public.invitations
  for each row execute function private.audit('email', 'role', 'accepted_at');
