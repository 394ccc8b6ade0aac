-- A small application whose columns are as rich as Postgres has them.

create type public.payment as enum ('card', 'transfer', 'cash');
create domain public.currency as text check (value ~ '^[A-Z]{3}$' and char_length(value) = 3);
create schema private;
grant usage on schema private to authenticated;

create table public.companies (
  id uuid primary key default gen_random_uuid(),
  name text not null check (char_length(name) between 1 and 120),
  plan text not null default 'free' check (plan in ('free', 'team', 'enterprise')),
  created_at timestamptz not null default now()
);

create table public.employees (
  company_id uuid not null references public.companies on delete cascade,
  person_id uuid not null references auth.users on delete cascade,
  primary key (company_id, person_id)
);

create table public.expenses (
  id bigint primary key generated always as identity,
  company_id uuid not null references public.companies on delete cascade,
  submitted_by uuid references auth.users on delete set null,
  title varchar(200) not null check (char_length(title) >= 3),
  amount numeric(12, 2) not null check (amount > 0),
  currency public.currency not null default 'EUR',
  paid_by public.payment not null default 'card',
  state text not null default 'draft' check (state in ('draft', 'submitted', 'approved')),
  spent_on date not null,
  decided_at timestamptz,
  travel interval,
  receipt bytea,
  distance_metres integer check (distance_metres between 0 and 100000000),
  weight double precision check (weight >= 0),
  views bigint not null default 0,
  tags text[] not null default '{}' check (cardinality(tags) <= 10),
  details jsonb not null default '{}' check (jsonb_typeof(details) = 'object'),
  billable boolean not null default true,
  gross numeric(14, 2) generated always as (amount * 1.2) stored,
  created_at timestamptz not null default now()
);
create index on public.expenses (company_id);

create table public.comments (
  id bigint primary key generated always as identity,
  expense_id bigint not null references public.expenses on delete cascade,
  author_id uuid not null references auth.users on delete cascade,
  body text not null check (char_length(body) between 1 and 2000),
  stars smallint check (stars in (1, 2, 3)),
  created_at timestamptz not null default now()
);

create table public.exchange_rates (
  currency public.currency primary key,
  rate numeric(12, 6) not null,
  updated_at timestamptz not null default now()
);

create function private.my_companies() returns setof uuid
language sql stable security definer set search_path = ''
as $$ select company_id from public.employees where person_id = (select auth.uid()) $$;
revoke all on function private.my_companies() from public;
grant execute on function private.my_companies() to authenticated;

alter table public.companies enable row level security;
alter table public.employees enable row level security;
alter table public.expenses enable row level security;
alter table public.comments enable row level security;
alter table public.exchange_rates enable row level security;

revoke all on all tables in schema public from anon, authenticated;
grant select on public.companies, public.employees to authenticated;
grant select, insert, update, delete on public.expenses to authenticated;
grant select, insert on public.comments to authenticated;
grant select on public.exchange_rates to anon, authenticated;

create policy members_read on public.companies for select to authenticated
  using (id = any (array(select private.my_companies())));
create policy members_read on public.employees for select to authenticated
  using (person_id = (select auth.uid()));
create policy members_read on public.expenses for select to authenticated
  using (company_id = any (array(select private.my_companies())));
create policy members_submit on public.expenses for insert to authenticated
  with check (
    company_id = any (array(select private.my_companies()))
    and submitted_by = (select auth.uid())
  );
create policy own_drafts_change on public.expenses for update to authenticated
  using (submitted_by = (select auth.uid())) with check (submitted_by = (select auth.uid()));
create policy own_drafts_go on public.expenses for delete to authenticated
  using (submitted_by = (select auth.uid()) and state = 'draft');
create policy members_read on public.comments for select to authenticated
  using (
    exists (select from public.expenses where id = expense_id
      and company_id = any (array(select private.my_companies())))
  );
create policy members_comment on public.comments for insert to authenticated
  with check (author_id = (select auth.uid()));
create policy everybody_reads on public.exchange_rates for select to anon, authenticated
  using (true);
