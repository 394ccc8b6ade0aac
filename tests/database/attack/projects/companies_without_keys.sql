-- Members and authors are named by columns that refer to nothing.

create table public.companies (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  owner_user uuid not null
);
alter table public.companies enable row level security;
create table public.company_users (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies on delete cascade,
  user_id uuid not null,
  role text not null default 'member' check (role in ('admin','member')),
  unique (user_id, company_id)
);
alter table public.company_users enable row level security;
create table public.docs (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies on delete cascade,
  body text,
  created_by uuid default auth.uid()
);
alter table public.docs enable row level security;

create schema if not exists private;
grant usage on schema private to authenticated;
create function private.mine() returns setof uuid
language sql stable security definer set search_path=''
as $$ select company_id from public.company_users where user_id = auth.uid() $$;
create policy s on public.companies for select to authenticated
  using (id in (select private.mine()));
create policy s on public.company_users for select to authenticated
  using (company_id in (select private.mine()));
create policy s on public.docs for select to authenticated
  using (company_id in (select private.mine()));
create policy w on public.docs for insert to authenticated
  with check (company_id in (select private.mine()) and created_by = auth.uid());
