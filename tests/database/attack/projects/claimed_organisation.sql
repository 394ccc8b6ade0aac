-- The organisation stands in the token; there is no table of members.

create table public.organizations (
  id uuid primary key default gen_random_uuid(),
  name text not null
);
alter table public.organizations enable row level security;
create policy s on public.organizations for select to authenticated
  using (id::text = (auth.jwt() -> 'app_metadata' ->> 'org_id'));

create table public.projects (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null references public.organizations on delete cascade,
  title varchar(20) not null,
  secret text
);
alter table public.projects enable row level security;
revoke all on public.projects from anon, authenticated;
grant select (id, org_id, title),
  insert (org_id, title), update (title), delete on public.projects to authenticated;
create policy a on public.projects for all to authenticated
  using (org_id = ((auth.jwt() -> 'app_metadata' ->> 'org_id')::uuid))
  with check (org_id = ((auth.jwt() -> 'app_metadata' ->> 'org_id')::uuid));

create table public.tasks (
  id bigserial primary key,
  project_id uuid not null references public.projects on delete cascade,
  parent_id bigint references public.tasks,
  body text
);
alter table public.tasks enable row level security;
create policy a on public.tasks for all to authenticated
  using (exists (select from public.projects p where p.id=project_id))
  with check (exists (select from public.projects p where p.id=project_id)
    and (parent_id is null or exists (select from public.tasks t where t.id=parent_id)));
