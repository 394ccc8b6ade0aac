import json
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from lockstitch.database.embedded import EmbeddedPostgres
from lockstitch.database.migrations import apply_migrations
from lockstitch.database.prelude import apply_prelude

MIGRATIONS = Path(__file__).parents[2] / "examples" / "sentiment" / "supabase" / "migrations"

BECOME = "select set_config('role', %s, true), set_config('request.jwt.claims', %s, true)"

# Written by somebody for hosted Supabase, who never heard of Lockstitch.
SUPABASE_MIGRATION = """
    create extension if not exists pg_trgm with schema extensions;
    create table public.profiles (
        id uuid primary key references auth.users on delete cascade,
        nickname text
    );
    alter table public.profiles enable row level security;
    create policy "People see themselves" on public.profiles
        for all to authenticated using ((select auth.uid()) = id);

    create function public.welcome() returns trigger
    language plpgsql security definer set search_path = '' as $$
    begin
        insert into public.profiles values (new.id, new.raw_user_meta_data ->> 'nickname');
        return new;
    end $$;
    create trigger on_auth_user_created after insert on auth.users
        for each row execute procedure public.welcome();

    insert into storage.buckets (id, name, public) values ('avatars', 'avatars', false);
    create policy "People keep their avatars" on storage.objects
        for all to authenticated
        using (bucket_id = 'avatars' and (storage.foldername(name))[1] = (select auth.uid())::text);

    create function public.tell() returns trigger
    language plpgsql security definer set search_path = '' as $$
    begin
        perform realtime.broadcast_changes(
            'profile:' || new.id, tg_op, tg_op, tg_table_name, tg_table_schema, new, old
        );
        return null;
    end $$;
    create trigger tell after insert or update on public.profiles
        for each row execute function public.tell();
    create policy "People hear of themselves" on realtime.messages
        for select to authenticated
        using (extension = 'broadcast' and realtime.topic() = 'profile:' || (select auth.uid()));
    alter publication supabase_realtime add table public.profiles;
"""


@pytest.fixture
def admin_dsn(postgres: EmbeddedPostgres, database_name: str) -> str:
    return postgres.dsn("supabase_admin", database_name)


def act_as(connection: psycopg.Connection, role: str, **claims: str) -> None:
    connection.execute(BECOME, [role, json.dumps({"role": role, **claims})])


def test_supabase_migration_runs_unchanged_and_its_policies_hold(
    owner_dsn: str, database_dsn: str
) -> None:
    with psycopg.connect(owner_dsn) as owner:
        owner.execute(SUPABASE_MIGRATION.encode())
    ann, ben = uuid4(), uuid4()
    with psycopg.connect(database_dsn) as connection:
        act_as(connection, "supabase_auth_admin")
        for person, nickname in ((ann, "Ann"), (ben, "Ben")):
            connection.execute(
                "insert into auth.users (id, raw_user_meta_data) values (%s, %s)",
                [person, Jsonb({"nickname": nickname})],
            )
        act_as(connection, "authenticated", sub=str(ann))
        names = connection.execute("select nickname from public.profiles").fetchall()
        assert names == [("Ann",)]
        insert = "insert into storage.objects (bucket_id, name) values ('avatars', %s)"
        connection.execute(insert, [f"{ann}/me.png"])
        with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
            connection.execute(insert, [f"{ben}/me.png"])
        connection.execute("select set_config('realtime.topic', %s, true)", [f"profile:{ann}"])
        events = connection.execute(
            "select event, payload -> 'record' ->> 'nickname' from realtime.messages "
            "where topic = realtime.topic()"
        ).fetchall()
        assert events == [("INSERT", "Ann")]
        act_as(connection, "anon")
        assert connection.execute("select * from public.profiles").fetchall() == []


def test_message_wakes_local_listeners(owner_dsn: str) -> None:
    with (
        psycopg.connect(owner_dsn, autocommit=True) as listener,
        psycopg.connect(owner_dsn, autocommit=True) as sender,
    ):
        listener.execute("listen realtime_messages")
        sender.execute("select realtime.send('{\"n\": 1}', 'event', 'topic', false)")
        (heard,) = listener.notifies(timeout=5, stop_after=1)
        row = sender.execute(
            "select payload ->> 'n', topic, private from realtime.messages where id = %s",
            [heard.payload],
        ).fetchone()
        assert row == ("1", "topic", False)


def test_partition_of_messages_is_closed_to_the_api(database_dsn: str) -> None:
    with psycopg.connect(database_dsn) as connection:
        act_as(connection, "authenticated", sub=str(uuid4()))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select * from realtime.messages_default")


@pytest.mark.parametrize(
    ("name", "folder", "file", "extension"),
    [
        ("a/b/c.tar.gz", ["a", "b"], "c.tar.gz", "gz"),
        ("c.png", [], "c.png", "png"),
    ],
)
def test_storage_functions_read_paths(
    owner_dsn: str, name: str, folder: list[str], file: str, extension: str
) -> None:
    with psycopg.connect(owner_dsn) as connection:
        row = connection.execute(
            "select storage.foldername(%(n)s), storage.filename(%(n)s), storage.extension(%(n)s)",
            {"n": name},
        ).fetchone()
    assert row == (folder, file, extension)


def test_roles_have_the_rights_of_hosted_supabase(admin_dsn: str) -> None:
    with psycopg.connect(admin_dsn) as connection:
        rows = connection.execute(
            "select rolname::text, rolsuper, rolbypassrls, rolinherit, rolcanlogin from pg_roles "
            "where rolname !~ '^pg_'"
        ).fetchall()
    rights = {name: tuple(flags) for name, *flags in rows}
    superuser, bypasses, inherits, logs_in = range(4)
    assert [name for name in rights if rights[name][superuser]] == ["supabase_admin"]
    assert {name for name in rights if rights[name][bypasses]} == {
        "postgres",
        "service_role",
        "supabase_admin",
    }
    assert not rights["authenticator"][inherits]
    for name in ("anon", "authenticated", "service_role", "lockstitch_server"):
        assert not rights[name][logs_in]


def test_prelude_may_be_applied_again(admin_dsn: str) -> None:
    with psycopg.connect(admin_dsn) as connection:
        person = uuid4()
        connection.execute("insert into auth.users (id) values (%s)", [person])
        apply_prelude(connection)
        apply_prelude(connection)
        assert connection.execute("select id from auth.users").fetchall() == [(person,)]


def test_plain_database_takes_the_prelude_and_every_migration(postgres: EmbeddedPostgres) -> None:
    name = f"test_{uuid4().hex}"
    with psycopg.connect(postgres.dsn("supabase_admin", "postgres"), autocommit=True) as server:
        server.execute(f"create database {name}".encode())
        with psycopg.connect(postgres.dsn("supabase_admin", name)) as connection:
            apply_prelude(connection)
        apply_migrations(postgres.dsn("postgres", name), MIGRATIONS)
        with psycopg.connect(postgres.dsn("postgres", name)) as owner:
            owner.execute(SUPABASE_MIGRATION.encode())
        server.execute(f"drop database {name} with (force)".encode())
