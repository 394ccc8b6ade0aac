-- The roles of a Supabase project and what they may do in the schema public.

do $$
declare
  name text;
begin
  foreach name in array array['anon', 'authenticated', 'service_role'] loop
    if not exists (select from pg_roles where rolname = name) then
      execute format('create role %I nologin', name);
    end if;
  end loop;

  -- noinherit: it has no right of its own until it takes another role.
  foreach name in array array[
    'authenticator', 'supabase_auth_admin', 'supabase_storage_admin', 'supabase_realtime_admin'
  ] loop
    if not exists (select from pg_roles where rolname = name) then
      execute format('create role %I login noinherit', name);
    end if;
  end loop;

  if not exists (select from pg_roles where rolname = 'postgres') then
    create role postgres login;
  end if;
end
$$;

alter role service_role bypassrls;
alter role supabase_realtime_admin nologin;
-- Migrations run as postgres, which is no superuser on Supabase either.
alter role postgres nosuperuser createdb createrole replication bypassrls;

grant anon, authenticated, service_role to authenticator;
grant anon, authenticated, service_role, authenticator to postgres with admin option;
grant pg_monitor, pg_read_all_data, pg_signal_backend to postgres with admin option;
grant supabase_storage_admin, supabase_realtime_admin to postgres;

-- Hosted Supabase does not have this: here the server itself plays the part of Supabase Auth.
grant supabase_auth_admin to authenticator;

alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';
alter role authenticator set lock_timeout = '8s';
alter role postgres set search_path = "$user", public, extensions;
alter role authenticator set search_path = public, extensions;

do $$
begin
  execute format('alter database %I owner to postgres', current_database());
end
$$;

create schema if not exists extensions authorization postgres;
grant usage on schema extensions to anon, authenticated, service_role;

-- Installed on every Supabase project; this build of Postgres need not have all of them.
do $$
declare
  extension text;
begin
  for extension in
    select name from pg_available_extensions
    where name in ('uuid-ossp', 'pgcrypto', 'pg_stat_statements')
  loop
    execute format('create extension if not exists %I with schema extensions', extension);
  end loop;
end
$$;

grant usage on schema public to anon, authenticated, service_role;
grant all on schema public to postgres;

-- As on Supabase, what postgres creates here is open to the roles of the API; policies guard it.
alter default privileges for role postgres in schema public
  grant all on tables to anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  grant all on functions to anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  grant all on sequences to anon, authenticated, service_role;
