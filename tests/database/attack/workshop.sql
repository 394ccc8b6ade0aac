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

create table public.user_datasets (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid not null references public.organisations on delete cascade,
  owner_id uuid not null references auth.users,
  name text not null check (char_length(name) between 1 and 200),
  state text not null default 'new' check (state in ('new', 'valid', 'refused')),
  rows_counted bigint check (rows_counted >= 0),
  unique (organisation_id, id)
);
create index on public.user_datasets (organisation_id);
alter table public.user_datasets enable row level security;
revoke all on public.user_datasets from anon, authenticated;
grant select, insert, update, delete on public.user_datasets to authenticated;
create policy seen on public.user_datasets for select to authenticated
  using (organisation_id = any (array(select private.my_organisation_ids())));
create policy added on public.user_datasets for insert to authenticated
  with check (private.may_write(organisation_id) and owner_id = (select auth.uid()));
create policy changed on public.user_datasets for update to authenticated
  using (private.may_write(organisation_id))
  with check (private.may_write(organisation_id) and owner_id = (select auth.uid()));
create policy removed on public.user_datasets for delete to authenticated
  using (private.may_write(organisation_id));

create table public.training_jobs (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid not null references public.organisations on delete cascade,
  dataset_id uuid not null,
  state text not null default 'queued' check (state in ('queued', 'running', 'succeeded')),
  foreign key (organisation_id, dataset_id)
    references public.user_datasets (organisation_id, id) on delete cascade,
  unique (organisation_id, id)
);
alter table public.training_jobs enable row level security;
revoke all on public.training_jobs from anon, authenticated;
grant select, insert on public.training_jobs to authenticated;
create policy seen on public.training_jobs for select to authenticated
  using (organisation_id = any (array(select private.my_organisation_ids())));
create policy added on public.training_jobs for insert to authenticated
  with check (private.may_write(organisation_id));

-- Its tenant is that of the job: there is no column for it.
create table public.training_metrics (
  job_id uuid not null references public.training_jobs on delete cascade,
  name text not null,
  step integer not null check (step >= 0),
  value double precision not null,
  primary key (job_id, name, step)
);
alter table public.training_metrics enable row level security;
revoke all on public.training_metrics from anon, authenticated;
grant select on public.training_metrics to authenticated;
create policy seen on public.training_metrics for select to authenticated
  using (exists (select from public.training_jobs where id = job_id));

create table public.model_deployments (
  organisation_id uuid not null references public.organisations on delete cascade,
  model text not null check (model ~ '^[a-z0-9-]+$'),
  model_version_id uuid not null references public.model_versions,
  primary key (organisation_id, model)
);
alter table public.model_deployments enable row level security;
revoke all on public.model_deployments from anon, authenticated;
grant select, insert, update (model_version_id) on public.model_deployments to authenticated;
create policy seen on public.model_deployments for select to authenticated
  using (organisation_id = any (array(select private.my_organisation_ids())));
create policy added on public.model_deployments for insert to authenticated
  with check (private.may_write(organisation_id)
    and exists (select from public.model_versions as v where v.id = model_version_id));
create policy changed on public.model_deployments for update to authenticated
  using (private.may_write(organisation_id))
  with check (private.may_write(organisation_id)
    and exists (select from public.model_versions as v where v.id = model_version_id));

create view public.dataset_counts with (security_invoker = true) as
  select organisation_id, count(*) as datasets from public.user_datasets group by organisation_id;
revoke all on public.dataset_counts from anon, authenticated;
grant select on public.dataset_counts to authenticated;

create function public.my_dataset_count() returns bigint
language sql stable set search_path = ''
as $$ select count(*) from public.user_datasets $$;
create function public.rename_dataset(dataset uuid, new_name text) returns void
language sql set search_path = ''
as $$ update public.user_datasets set name = new_name where id = dataset $$;
create function public.dataset_name(dataset uuid) returns text
language sql stable set search_path = ''
as $$ select name from public.user_datasets where id = dataset $$;
revoke all on function public.my_dataset_count(), public.rename_dataset(uuid, text),
  public.dataset_name(uuid) from public, anon;

insert into storage.buckets (id, name, public) values ('datasets', 'datasets', false);
create policy seen_objects on storage.objects for select to authenticated
  using (bucket_id = 'datasets'
    and (storage.foldername(name))[1] in (select private.my_organisation_ids()::text));
create policy added_objects on storage.objects for insert to authenticated
  with check (bucket_id = 'datasets'
    and (storage.foldername(name))[1] in (select private.my_organisation_ids()::text));
create policy hear_jobs on realtime.messages for select to authenticated
  using (extension = 'broadcast' and (select realtime.topic()) in
    (select 'org:' || id || ':jobs' from private.my_organisation_ids() as id));
