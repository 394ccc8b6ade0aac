"""What the catalogue of a migrated database must look like, table by table."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.rows import TupleRow

# The only functions of `private` that a person's query may call, and only through policies.
POLICY_FUNCTIONS = {"my_organisation_ids", "my_role", "rank_of", "uuid_v7"}
API_ROLES = ("anon", "authenticated")

TABLES_WITHOUT_RLS = """
    select oid::regclass::text from pg_class
    where relkind in ('r', 'p') and not relrowsecurity
    and relnamespace in ('public'::regnamespace, 'private'::regnamespace)
"""
GRANTS_IN_PRIVATE = """
    select class.oid::regclass::text, role, privilege
    from pg_class as class,
        unnest(array['anon', 'authenticated', 'service_role']) as role,
        unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger'])
            as privilege
    where relnamespace = 'private'::regnamespace and relkind in ('r', 'p', 'v', 'm')
    and has_table_privilege(role, class.oid, privilege)
"""
CALLABLE_IN_PRIVATE = """
    select proname::text from pg_proc
    where pronamespace = 'private'::regnamespace and has_function_privilege(%s, oid, 'execute')
"""
UNINDEXED_POLICY_COLUMNS = """
    select distinct depend.refobjid::regclass::text, attribute.attname::text
    from pg_policy as policy
    join pg_depend as depend on depend.objid = policy.oid
        and depend.classid = 'pg_policy'::regclass and depend.refobjsubid > 0
    join pg_attribute as attribute on attribute.attrelid = depend.refobjid
        and attribute.attnum = depend.refobjsubid
    where policy.polrelid = depend.refobjid
    and policy.polrelid in (
        select oid from pg_class where relnamespace = 'public'::regnamespace
    )
    -- Of rows that an index has found already, policies read what role they give.
    and attribute.attname <> 'role'
    and not exists (
        select from pg_index where indrelid = depend.refobjid and indkey[0] = depend.refobjsubid
    )
"""
UNINDEXED_FOREIGN_KEYS = """
    select conrelid::regclass::text, conname::text from pg_constraint as key
    where contype = 'f' and connamespace in ('public'::regnamespace, 'private'::regnamespace)
    and not exists (
        select from pg_index
        where indrelid = key.conrelid and key.conkey[1] = any (indkey::smallint[])
    )
"""
WITHOUT_COMMENT = """
    select oid::regclass::text from pg_class
    where relkind in ('r', 'p', 'v') and obj_description(oid, 'pg_class') is null
    and relnamespace in ('public'::regnamespace, 'private'::regnamespace)
    union all
    select oid::regprocedure::text from pg_proc
    where obj_description(oid, 'pg_proc') is null
    and pronamespace in ('public'::regnamespace, 'private'::regnamespace)
"""
LOOSE_DEFINERS = """
    select oid::regprocedure::text from pg_proc
    where prosecdef and not coalesce(proconfig, '{}') @> array['search_path=""']
    and pronamespace in ('public'::regnamespace, 'private'::regnamespace)
"""
WRITE_GRANTS = """
    select class.oid::regclass::text, role, privilege
    from pg_class as class,
        unnest(array['anon', 'authenticated']) as role,
        unnest(array['insert', 'update', 'delete', 'truncate', 'references', 'trigger'])
            as privilege
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm')
    and case when privilege in ('insert', 'update', 'references')
        then has_any_column_privilege(role, class.oid, privilege)
        else has_table_privilege(role, class.oid, privilege) end
    and class.relname || ' ' || role || ' ' || privilege not in (
        'api_keys authenticated insert', 'api_keys authenticated update',
        'feedback authenticated insert', 'feedback authenticated update',
        'feedback authenticated delete',
        'inference_jobs authenticated insert',
        'invitations authenticated insert', 'invitations authenticated delete',
        'organisation_members authenticated update', 'organisation_members authenticated delete',
        'organisations authenticated update',
        'training_jobs authenticated insert',
        'user_datasets authenticated insert', 'user_datasets authenticated update',
        'user_datasets authenticated delete'
    )
"""
LOOSE_TIMES = """
    select attrelid::regclass::text, attname::text from pg_attribute
    join pg_class on pg_class.oid = attrelid
    where relkind in ('r', 'p') and attnum > 0 and not attisdropped
    and relnamespace in ('public'::regnamespace, 'private'::regnamespace)
    and format_type(atttypid, atttypmod) ~ '^time'
    and format_type(atttypid, atttypmod) <> 'timestamp(3) with time zone'
"""


@pytest.fixture
def catalogue(owner_dsn: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(owner_dsn) as connection:
        yield connection


@pytest.mark.parametrize(
    "query",
    [
        TABLES_WITHOUT_RLS,
        GRANTS_IN_PRIVATE,
        UNINDEXED_POLICY_COLUMNS,
        UNINDEXED_FOREIGN_KEYS,
        WITHOUT_COMMENT,
        LOOSE_DEFINERS,
        WRITE_GRANTS,
        LOOSE_TIMES,
    ],
    ids=[
        "every table has row-level security",
        "no API role reaches a table of private",
        "every column that a policy reads is indexed",
        "every foreign key is indexed",
        "every table and function has a comment",
        "every security definer has an empty search path",
        "no API role writes more than it must",
        "every time has milliseconds and a zone",
    ],
)
def test_catalogue_has_no_exception(catalogue: psycopg.Connection, query: str) -> None:
    assert rows(catalogue, query) == []


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        (TABLES_WITHOUT_RLS, "create table public.fault ()"),
        (GRANTS_IN_PRIVATE, "grant select on private.sessions to anon"),
        (UNINDEXED_POLICY_COLUMNS, "drop index public.audit_log_history_idx"),
        (UNINDEXED_FOREIGN_KEYS, "drop index public.inference_results_person_id_idx"),
        (WITHOUT_COMMENT, "comment on table public.organisations is null"),
        (LOOSE_DEFINERS, "alter function private.my_role(uuid) reset search_path"),
        (WRITE_GRANTS, "grant update on public.streams to authenticated"),
        (LOOSE_TIMES, "alter table public.organisations add at timestamp"),
    ],
)
def test_catalogue_check_finds_a_planted_fault(
    catalogue: psycopg.Connection, query: str, fault: str
) -> None:
    catalogue.execute(fault.encode())
    assert len(rows(catalogue, query)) == 1


@pytest.mark.parametrize(
    ("role", "callable_functions"),
    [
        ("anon", set()),
        ("authenticated", POLICY_FUNCTIONS),
        (
            "lockstitch_server",
            {
                "apply_retention",
                "person_confirmed_at",
                "person_email",
                "person_has_password",
                "person_may_sign_in",
                "rank_of",
                "uuid_v7",
            },
        ),
    ],
)
def test_functions_of_private_are_for_those_who_need_them(
    catalogue: psycopg.Connection, role: str, callable_functions: set[str]
) -> None:
    found = catalogue.execute(CALLABLE_IN_PRIVATE, [role]).fetchall()
    assert {name for (name,) in found} == callable_functions


def test_anonymous_role_reads_no_table(catalogue: psycopg.Connection) -> None:
    query = "select relname::text from pg_class where relnamespace = 'public'::regnamespace "
    query += "and relkind = 'r' and has_table_privilege('anon', oid, 'select')"
    assert rows(catalogue, query) == []


def test_ids_are_of_version_7_and_sort_by_age(catalogue: psycopg.Connection) -> None:
    ids = [
        row[0] for row in rows(catalogue, "select private.uuid_v7() from generate_series(1, 50)")
    ]
    assert {(made.version, made.variant) for made in ids} == {(7, "specified in RFC 4122")}
    milliseconds = [made.int >> 80 for made in ids]
    assert milliseconds == sorted(milliseconds)
    now = rows(catalogue, "select extract(epoch from clock_timestamp())::float8 * 1000")[0][0]
    assert 0 <= now - milliseconds[-1] < 5000


def rows(connection: psycopg.Connection, query: str) -> list[TupleRow]:
    return connection.execute(query.encode()).fetchall()
