"""What hosted Supabase refuses, found in the text and held against a real Postgres."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from lockstitch.database.embedded import EmbeddedPostgres
from lockstitch.database.hosted import RULES, judge_migration
from lockstitch.database.migrations import library_migrations
from lockstitch.findings import Finding

ROOT = Path(__file__).parents[2]
PRELUDE = ROOT / "src" / "lockstitch" / "database" / "sql" / "prelude"

SCHEMA = [
    "create table auth.notes (id int)",
    "select 1 as id into auth.copies",
    "create table if not exists storage.thumbnails as select 1 as id",
    "create view auth.people as select id from auth.users",
    "create materialized view storage.names as select name from storage.objects",
    "create type auth.mood as enum ('glad')",
    "create sequence realtime.numbers",
    "create or replace function auth.user_id() returns uuid language sql as 'select null::uuid'",
    "create index on auth.users (created_at)",
    "create index on storage.objects (name)",
    "alter table auth.users add column nickname text",
    "alter table storage.objects enable row level security",
    "alter table auth.users disable trigger user",
    "alter function auth.uid() stable",
    "alter table public.mine set schema auth",
    "comment on table auth.users is 'ours'",
    "drop table storage.objects",
    "drop function auth.uid()",
    "drop schema realtime cascade",
    "create trigger t before insert on storage.migrations execute function public.touched()",
    "create policy p on auth.schema_migrations using (true)",
    "create publication p for table auth.users",
    "do $$ begin execute format('alter table %I.users add x int', 'auth'); end $$",
    "do $$ begin execute 'create table auth.' || 'notes (id int)'; end $$",
    "set local search_path to auth; create table notes (id int)",
    "set local search_path to auth; alter table users add column nickname text",
]
ROLE = [
    "alter role supabase_admin set statement_timeout = '1s'",
    "grant supabase_auth_admin to postgres",
    "grant pg_read_server_files to postgres",
    "alter table public.mine owner to supabase_admin",
    "create schema mine authorization supabase_admin",
    "alter default privileges for role supabase_admin in schema public grant all on tables to anon",
    "set role supabase_admin",
    "reassign owned by postgres to supabase_admin",
]
SUPERUSER = [
    "create role boss superuser",
    "alter role postgres superuser",
    "alter system set work_mem = '1GB'",
    "alter role all set work_mem = '1GB'",
    "copy public.mine from '/etc/passwd'",
    "copy public.mine to program 'cat'",
    "select pg_read_file('/etc/passwd')",
    "create function public.f() returns int language c as 'lib', 'f'",
    "create function public.f() returns int language sql leakproof as 'select 1'",
    "create cast (public.mine as text) without function",
    "create operator family public.f using btree",
    "create tablespace fast location '/tmp'",
]
# A plain Postgres warns, or lets whoever made these roles change them; `supautils` does not.
REFUSED_BY_SUPAUTILS = [
    "create role anon",
    "alter role service_role nologin",
    "alter role authenticator rename to gate",
    "drop role authenticated",
]
WITHOUT_EFFECT = [
    "grant all on schema auth to anon",
    "revoke select on auth.users from anon",
    "revoke all on all tables in schema storage from public",
]
# Postgres takes them from postgres, and the services of Supabase break.
ROWS = [
    "insert into auth.users (id) values (gen_random_uuid())",
    "update auth.users set email = null",
    "with gone as (delete from auth.users returning id) select count(*) from gone",
    "truncate auth.sessions",
    "merge into auth.users u using auth.users v on false when not matched then do nothing",
    "copy auth.users from stdin",
    "delete from storage.objects",
    "delete from storage.buckets",
    "insert into storage.migrations values (1)",
    (
        "create function public.leave() returns void language sql security definer "
        "as 'delete from auth.users where id = auth.uid()'"
    ),
    (
        "create function public.leave() returns void language plpgsql as "
        "$$ begin delete from auth.users where id = auth.uid(); end $$"
    ),
]
EXTENSION = ["create extension file_fdw", 'create extension if not exists "adminpack"']
WARNED = [
    "create event trigger e on ddl_command_end execute function public.told()",
    "create subscription s connection 'host=x' publication p",
]
UNREADABLE = ["create tabel x (id int)", "select 'never closed"]
FORBIDDEN = {
    "hosted-schema": [*SCHEMA, *WITHOUT_EFFECT],
    "hosted-role": [*ROLE, *REFUSED_BY_SUPAUTILS],
    "hosted-superuser": SUPERUSER,
    "hosted-rows": ROWS,
    "hosted-extension": EXTENSION,
    "migration-unreadable": UNREADABLE,
}

ALLOWED = [
    "create table public.notes (id int primary key, person uuid references auth.users)",
    "create table public.files (id uuid references storage.objects (id) on delete cascade)",
    "create index on public.mine (id)",
    "create view public.me as select id, email from auth.users where id = auth.uid()",
    "create trigger t after insert on auth.users for each row execute function public.touched()",
    "create trigger t after update on storage.objects execute function public.touched()",
    "insert into storage.buckets (id, name) values ('pictures', 'pictures') on conflict do nothing",
    "update storage.buckets set public = true",
    "create schema if not exists auth",
    "create schema mine",
    "grant usage on schema auth to service_role",
    "grant select on public.mine to anon",
    "revoke all on public.mine from anon",
    "alter role anon set statement_timeout = '5s'",
    "alter role authenticator set work_mem = '8MB'",
    "create role clerk nologin",
    "create role clerk; grant clerk to authenticator",
    "set role anon",
    "reset role",
    "alter table public.mine owner to postgres",
    "create extension if not exists plpgsql",
    "create function public.f() returns uuid language sql as 'select auth.uid()'",
    (
        "create function public.g() returns trigger language plpgsql as "
        "$$ begin insert into public.mine values (1); perform realtime.send('{}', 'e', 't'); "
        "return new; end $$"
    ),
    "do $$ begin execute format('alter table public.%I add y int', 'mine'); end $$",
    "do $$ declare s text := 'auth'; begin perform s; end $$",
    "comment on table public.mine is 'drop table auth.users'",
    "select 'create table auth.x ()', count(*) from auth.users",
    "-- create table auth.x ()\nselect 1",
    "create temporary table auth (id int)",
    "create table public.auth (users int); insert into public.auth values (1)",
    "set local search_path to auth, public; update mine set id = 1",
    "lock table public.mine",
    # Tables of one's own that are called like a schema of Supabase.
    (
        "create table public.storage (size int); comment on column storage.size is 'in bytes'; "
        "create policy p on storage using (true); drop policy p on storage"
    ),
    "create table public.realtime (id int); create index on realtime (id); drop table realtime",
    "alter default privileges in schema public grant select on tables to anon",
]
# In a plain Postgres one must own the table; on Supabase `supautils` lets postgres do it.
ALLOWED_BY_SUPAUTILS = [
    "create policy p on storage.objects for select using (true)",
    "drop policy if exists p on storage.objects",
    "alter policy p on realtime.messages using (true)",
    "drop trigger if exists t on auth.users",
    "create extension vector with schema extensions",
    'create extension if not exists "uuid-ossp" with schema extensions',
    "create publication everything for all tables",
    "alter publication supabase_realtime add table public.mine",
]


def found(text: str) -> list[Finding]:
    return list(judge_migration(text, "1_one.sql"))


def rules(text: str) -> set[str]:
    return {one.rule for one in found(text)}


@pytest.mark.parametrize(
    ("rule", "text"), [(rule, text) for rule, texts in FORBIDDEN.items() for text in texts]
)
def test_forbidden_statement_is_an_error_with_a_way_out(rule: str, text: str) -> None:
    errors = [one for one in found(text) if one.rule == rule]
    assert errors, found(text)
    for one in errors:
        assert one.severity == "error"
        assert (one.place.file, one.place.line) == ("1_one.sql", 1)
        assert one.message.endswith(".")
        assert one.fix.endswith(".")
        assert "lockstitch_unknown" not in one.message


@pytest.mark.parametrize("text", [*ALLOWED, *ALLOWED_BY_SUPAUTILS])
def test_allowed_statement_is_not_found(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("text", WARNED)
def test_what_only_recent_projects_take_is_a_warning(text: str) -> None:
    assert [(one.rule, one.severity) for one in found(text)] == [("hosted-superuser", "warning")]


def test_shipped_migrations_are_clean() -> None:
    migrations = library_migrations()
    assert len(migrations) >= 9
    assert [one for each in migrations for one in judge_migration(each.text, each.name)] == []


def test_what_the_prelude_does_in_place_of_supabase_is_found() -> None:
    for part in ("auth", "storage", "realtime", "roles"):
        text = (PRELUDE / f"{part}.sql").read_text()
        assert "hosted-role" in {one.rule for one in judge_migration(text, part)}
    auth = list(judge_migration((PRELUDE / "auth.sql").read_text(), "auth"))
    assert "changes auth.…" in {one.subject for one in auth}


def test_place_is_the_line_of_the_statement_also_inside_of_a_function() -> None:
    text = """-- Überschrift: ä ö ü
create table public.a (id int); /* two
lines */ create table auth.b (id int);

create function public.c() returns void language plpgsql as $body$
begin
  update public.a set id = 1;

  delete from auth.users;
end
$body$;
create function public.d() returns void
language sql
as '
  select 1;
  delete from auth.users';
do $$
begin
  perform 1;
  execute 'drop table auth.users';
end $$;
alter system set work_mem = '1GB'
"""
    assert [(one.rule, one.place.line) for one in found(text)] == [
        ("hosted-schema", 3),
        ("hosted-rows", 9),
        ("hosted-rows", 16),
        ("hosted-schema", 20),
        ("hosted-superuser", 22),
    ]


def test_syntax_error_names_its_line() -> None:
    (one,) = found("select 1;\n\nselect ä from;\n selekt 2")
    assert (one.rule, one.place.line) == ("migration-unreadable", 3)


# The same on a server: a postgres with the rights that it has on Supabase.

AS_HOSTED = """
revoke supabase_storage_admin, supabase_realtime_admin from postgres;
revoke create on schema auth, storage, realtime from postgres;
grant trigger, references on all tables in schema auth, storage to postgres;
create table auth.schema_migrations (version text);
create table storage.migrations (id int);
create table public.mine (id int);
alter table public.mine owner to postgres;
create function public.touched() returns trigger language plpgsql as 'begin return new; end';
create function public.told() returns event_trigger language plpgsql as 'begin end';
"""


@pytest.fixture(scope="module")
def hosted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[psycopg.Connection]:
    with (
        EmbeddedPostgres(tmp_path_factory.mktemp("hosted") / "data", durable=False) as server,
        psycopg.connect(server.dsn("supabase_admin"), autocommit=True) as owner,
    ):
        owner.execute(AS_HOSTED)
        with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
            yield connection


@pytest.mark.parametrize("text", [*SCHEMA, *ROLE, *SUPERUSER, *WARNED])
def test_postgres_without_rights_refuses_what_is_found(
    hosted: psycopg.Connection, text: str
) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        hosted.execute(text.encode())


@pytest.mark.parametrize("text", ALLOWED)
def test_postgres_without_rights_takes_what_is_not_found(
    hosted: psycopg.Connection, text: str
) -> None:
    with hosted.transaction(force_rollback=True):
        hosted.execute(text.encode())


def test_every_rule_stands_on_its_page() -> None:
    page = (ROOT / "docs" / "guard" / "hosted.md").read_text()
    assert all(f"### {rule.id}" in page for rule in RULES)
    assert FORBIDDEN.keys() == {rule.id for rule in RULES}
