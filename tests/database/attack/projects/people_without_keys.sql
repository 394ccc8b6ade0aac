-- Every person is a tenant; only the policies tell whose a row is.

create table public.posts (
  id uuid primary key default gen_random_uuid(),
  author uuid not null,
  title text,
  published boolean not null default false
);
alter table public.posts enable row level security;
create policy r on public.posts for select using (author = auth.uid());
create policy w on public.posts for all to authenticated
  using (author = auth.uid())
  with check (author = auth.uid());

create table public.todos (
  id bigserial primary key,
  user_id uuid not null default auth.uid(),
  task text,
  embedding float8[],
  ip inet,
  r int4range,
  t tsvector,
  p point,
  b bit(3),
  m macaddr
);
alter table public.todos enable row level security;
create policy w on public.todos for all to authenticated
  using (user_id = auth.uid())
  with check (user_id = auth.uid());

create table public.comments (
  id bigserial primary key,
  todo_id bigint references public.todos on delete cascade,
  text text
);
alter table public.comments enable row level security;
create policy w on public.comments for all to authenticated
  using (exists (select from public.todos t where t.id = todo_id))
  with check (exists (select from public.todos t where t.id = todo_id));
