-- A person belongs to one tenant, which stands in the profile.

create table public.tenants (id uuid primary key default gen_random_uuid(), name text);
alter table public.tenants enable row level security;
create table public.profiles (
  id uuid primary key references auth.users on delete cascade,
  tenant_id uuid not null references public.tenants,
  role text not null default 'member' check (role in ('owner','member'))
);
alter table public.profiles enable row level security;
create table public.orders (
  id bigserial primary key,
  tenant_id uuid not null references public.tenants,
  total numeric(10,2) not null check (total >= 0),
  placed_by uuid references public.profiles
);
alter table public.orders enable row level security;
create schema private;
grant usage on schema private to authenticated;
create function private.mine() returns uuid
language sql stable security definer set search_path=''
as $$ select tenant_id from public.profiles where id = auth.uid() $$;
create policy s on public.profiles for select to authenticated
  using (tenant_id = (select private.mine()));
create policy s on public.tenants for select to authenticated using (id = (select private.mine()));
create policy s on public.orders for select to authenticated
  using (tenant_id = (select private.mine()));
