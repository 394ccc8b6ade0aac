-- What a careful project adds to the schema of Lockstitch: tables that members write, a view,
-- functions, objects in storage, topics of Realtime. Each planted fault breaks one piece of it.

create function private.may_write(organisation uuid) returns boolean
language sql stable security definer set search_path = ''
as $$ select coalesce(private.my_role(organisation) in ('owner', 'admin', 'member'), false) $$;
revoke all on function private.may_write(uuid) from public;
grant execute on function private.may_write(uuid) to authenticated;

create table public.plans (
  name text primary key,
  price numeric(10, 2) not null check (price >= 0)
);
alter table public.plans enable row level security;
revoke all on public.plans from anon, authenticated;
grant select on public.plans to anon, authenticated;
create policy anybody_reads on public.plans for select using (true);

create table public.profiles (
  person_id uuid primary key references auth.users on delete cascade,
  display_name text not null check (char_length(display_name) between 3 and 40)
);
alter table public.profiles enable row level security;
revoke all on public.profiles from anon, authenticated;
grant select, update (display_name) on public.profiles to authenticated;
create policy own on public.profiles for select to authenticated
  using (person_id = (select auth.uid()));
create policy change_own on public.profiles for update to authenticated
  using (person_id = (select auth.uid())) with check (person_id = (select auth.uid()));
create function private.make_profile() returns trigger
language plpgsql security definer set search_path = ''
as $$ begin
  insert into public.profiles (person_id, display_name) values (new.id, left(new.email, 40));
  return new;
end $$;
create trigger make_profile after insert on auth.users
  for each row execute function private.make_profile();

create table public.samples (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid not null references public.organisations on delete cascade,
  owner_id uuid not null references auth.users,
  name text not null check (char_length(name) between 1 and 200),
  state text not null default 'new' check (state in ('new', 'valid', 'refused')),
  rows_counted bigint check (rows_counted >= 0),
  unique (organisation_id, id)
);
create index on public.samples (organisation_id);
alter table public.samples enable row level security;
revoke all on public.samples from anon, authenticated;
grant select, insert, update, delete on public.samples to authenticated;
create policy seen on public.samples for select to authenticated
  using (organisation_id = any (array(select private.my_organisation_ids())));
create policy added on public.samples for insert to authenticated
  with check (private.may_write(organisation_id) and owner_id = (select auth.uid()));
create policy changed on public.samples for update to authenticated
  using (private.may_write(organisation_id))
  with check (private.may_write(organisation_id) and owner_id = (select auth.uid()));
create policy removed on public.samples for delete to authenticated
  using (private.may_write(organisation_id));

create table public.trials (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid not null references public.organisations on delete cascade,
  sample_id uuid not null,
  state text not null default 'queued' check (state in ('queued', 'running', 'succeeded')),
  foreign key (organisation_id, sample_id)
    references public.samples (organisation_id, id) on delete cascade,
  unique (organisation_id, id)
);
alter table public.trials enable row level security;
revoke all on public.trials from anon, authenticated;
grant select, insert on public.trials to authenticated;
create policy seen on public.trials for select to authenticated
  using (organisation_id = any (array(select private.my_organisation_ids())));
create policy added on public.trials for insert to authenticated
  with check (private.may_write(organisation_id));

-- Its tenant is that of the job: there is no column for it.
create table public.readings (
  job_id uuid not null references public.trials on delete cascade,
  name text not null,
  step integer not null check (step >= 0),
  value double precision not null,
  primary key (job_id, name, step)
);
alter table public.readings enable row level security;
revoke all on public.readings from anon, authenticated;
grant select on public.readings to authenticated;
create policy seen on public.readings for select to authenticated
  using (exists (select from public.trials where id = job_id));

create table public.releases (
  organisation_id uuid not null references public.organisations on delete cascade,
  model text not null check (model ~ '^[a-z0-9-]+$'),
  model_version_id uuid not null references public.model_versions,
  primary key (organisation_id, model)
);
alter table public.releases enable row level security;
revoke all on public.releases from anon, authenticated;
grant select, insert, update (model_version_id) on public.releases to authenticated;
create policy seen on public.releases for select to authenticated
  using (organisation_id = any (array(select private.my_organisation_ids())));
create policy added on public.releases for insert to authenticated
  with check (private.may_write(organisation_id)
    and exists (select from public.model_versions as v where v.id = model_version_id));
create policy changed on public.releases for update to authenticated
  using (private.may_write(organisation_id))
  with check (private.may_write(organisation_id)
    and exists (select from public.model_versions as v where v.id = model_version_id));

create view public.sample_counts with (security_invoker = true) as
  select organisation_id, count(*) as datasets from public.samples group by organisation_id;
revoke all on public.sample_counts from anon, authenticated;
grant select on public.sample_counts to authenticated;

create function public.my_sample_count() returns bigint
language sql stable set search_path = ''
as $$ select count(*) from public.samples $$;
create function public.rename_sample(dataset uuid, new_name text) returns void
language sql set search_path = ''
as $$ update public.samples set name = new_name where id = dataset $$;
create function public.sample_name(dataset uuid) returns text
language sql stable set search_path = ''
as $$ select name from public.samples where id = dataset $$;
revoke all on function public.my_sample_count(), public.rename_sample(uuid, text),
  public.sample_name(uuid) from public, anon;

insert into storage.buckets (id, name, public) values ('workshop', 'workshop', false);
create policy seen_objects on storage.objects for select to authenticated
  using (bucket_id = 'workshop'
    and (storage.foldername(name))[1] in (select private.my_organisation_ids()::text));
create policy added_objects on storage.objects for insert to authenticated
  with check (bucket_id = 'workshop'
    and (storage.foldername(name))[1] in (select private.my_organisation_ids()::text));
create policy hear_jobs on realtime.messages for select to authenticated
  using (extension = 'broadcast' and (select realtime.topic()) in
    (select 'org:' || id || ':jobs' from private.my_organisation_ids() as id));
