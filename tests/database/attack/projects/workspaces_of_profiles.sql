-- Everything refers to profiles instead of auth.users.

create table public.profiles (
  id uuid primary key references auth.users on delete cascade,
  full_name text not null
);
alter table public.profiles enable row level security;
create table public.workspaces (
  id uuid primary key default gen_random_uuid(),
  name text,
  owner_id uuid not null references public.profiles
);
alter table public.workspaces enable row level security;
create table public.workspace_members (
  workspace_id uuid references public.workspaces on delete cascade,
  member uuid references public.profiles on delete cascade,
  role text,
  primary key (workspace_id, member)
);
alter table public.workspace_members enable row level security;
create table public.pages (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces on delete cascade,
  author_id uuid not null references public.profiles,
  title text
);
alter table public.pages enable row level security;
create schema private;
grant usage on schema private to authenticated;
create function private.mine() returns setof uuid
language sql stable security definer set search_path=''
as $$ select workspace_id from public.workspace_members where member = auth.uid() $$;
create policy s on public.profiles for select to authenticated using (id = auth.uid());
create policy s on public.workspaces for select to authenticated
  using (id in (select private.mine()));
create policy s on public.workspace_members for select to authenticated
  using (workspace_id in (select private.mine()));
create policy s on public.pages for all to authenticated
  using (workspace_id in (select private.mine()))
  with check (workspace_id in (select private.mine()) and author_id = auth.uid());
