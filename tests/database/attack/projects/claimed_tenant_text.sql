-- A tenant is a text of the token, without any table of tenants.

create table public.items (
  id bigserial primary key,
  tenant_id text not null default (auth.jwt() ->> 'tenant_id'),
  title text
);
alter table public.items enable row level security;
create policy s on public.items for all to authenticated
  using (tenant_id = (auth.jwt() ->> 'tenant_id'))
  with check (tenant_id = (auth.jwt() ->> 'tenant_id'));
