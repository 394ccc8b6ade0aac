"""What belongs to a project in its database: its schemas, and what it has put elsewhere."""

from typing import Final, LiteralString

import psycopg
from psycopg.rows import DictRow, dict_row
from pydantic import BaseModel

from lockstitch.database.dump.defaults import DefaultPrivileges, read_defaults

# Whoever owns the database owns the project: on Supabase and on the embedded server, postgres.
_SCHEMAS: Final = """
    select namespace.nspname::text as name
    from pg_namespace as namespace
    join pg_database as database on database.datname = current_database()
    where (namespace.nspname = 'public' or namespace.nspowner = database.datdba)
    and namespace.nspname !~ '^pg_'
    and namespace.nspname not in ('information_schema', 'extensions')
    and not exists (
        select from pg_depend
        where pg_depend.objid = namespace.oid and pg_depend.deptype = 'e'
        and pg_depend.classid = 'pg_namespace'::regclass
    )
    order by namespace.nspname
"""
# Realtime's messages are news for whoever listens now, and not kept.
_ROWS: Final = """
    select format('%%I.%%I', namespace.nspname, class.relname) as name
    from pg_class as class
    join pg_namespace as namespace on namespace.oid = class.relnamespace
    where namespace.nspname in ('auth', 'storage') and namespace.nspname <> all (%(schemas)s)
    and class.relkind = 'r' and class.relname !~ 'migrations$'
    order by namespace.nspname, class.relname
"""
_OWNER: Final = """
    select pg_get_userbyid(datdba)::text as name from pg_database
    where datname = current_database()
"""
_OTHERS: Final = """
    select count(*) as count
    from (
        select oid, pronamespace as schema, 'pg_proc'::regclass as catalogue from pg_proc
        union all
        select oid, typnamespace, 'pg_type'::regclass from pg_type
        where typtype in ('d', 'e', 'r')
    ) as one
    join pg_namespace as namespace on namespace.oid = one.schema
    where namespace.nspname = any (%(schemas)s)
    and not exists (
        select from pg_depend
        where objid = one.oid and classid = one.catalogue and deptype = 'e'
    )
"""
_RELATIONS: Final = """
    select count(*) as count
    from pg_class as class
    join pg_namespace as namespace on namespace.oid = class.relnamespace
    where namespace.nspname = any (%(schemas)s) and class.relkind in ('r', 'p', 'v', 'm', 'f')
"""
_EXTENSIONS: Final = """
    select extension.extname::text as name, namespace.nspname::text as schema
    from pg_extension as extension
    join pg_namespace as namespace on namespace.oid = extension.extnamespace
    where extension.extname <> 'plpgsql'
    order by extension.extname
"""
_ROLES: Final = """
    with recursive used as (
        select refobjid as id
        from pg_shdepend
        where refclassid = 'pg_authid'::regclass
        and dbid = (select oid from pg_database where datname = current_database())
        union
        -- Who logs in is often but a member of the role that something is granted to.
        select case when given.roleid = used.id then given.member else given.roleid end
        from pg_auth_members as given join used on used.id in (given.roleid, given.member)
    )
    select
        role.rolname::text as name, role.rolcanlogin as login, role.rolinherit as inherit,
        role.rolbypassrls as bypass_rls, coalesce(role.rolconfig, '{}') as settings,
        array(
            select member.rolname::text from pg_auth_members as given
            join pg_roles as member on member.oid = given.member
            where given.roleid = role.oid order by member.rolname
        ) as members,
        array(
            select whole.rolname::text from pg_auth_members as given
            join pg_roles as whole on whole.oid = given.roleid
            where given.member = role.oid order by whole.rolname
        ) as member_of
    from pg_roles as role
    where role.oid in (select id from used) and role.rolname !~ '^pg_'
    order by role.rolname
"""
# Schemas of Supabase on which projects put policies, triggers and grants of their own.
_GUESTS: Final = ["auth", "extensions", "realtime", "storage"]
# As the statements that make it and take it away, in an order in which they can be run.
_ADDITIONS: Final = """
    select
        format(
            'create policy %%I on %%I.%%I as %%s for %%s to %%s',
            policyname, schemaname, tablename, permissive, cmd,
            (select string_agg(quote_ident(role), ', ') from unnest(roles) as role)
        ) || coalesce(' using (' || qual || ')', '')
        || coalesce(' with check (' || with_check || ')', '') as make,
        format('drop policy %%I on %%I.%%I', policyname, schemaname, tablename) as remove
    from pg_policies where schemaname = any (%(guests)s)
    union all
    select
        -- It goes with its function; to drop it by itself, one has to own the table.
        pg_get_triggerdef(trigger.oid), null
    from pg_trigger as trigger
    join pg_class as class on class.oid = trigger.tgrelid
    join pg_namespace as place on place.oid = class.relnamespace
    join pg_proc as function on function.oid = trigger.tgfoid
    join pg_namespace as home on home.oid = function.pronamespace
    where not trigger.tgisinternal
    and place.nspname = any (%(guests)s) and home.nspname = any (%(schemas)s)
    union all
    select
        format(
            'do $$ begin if not exists (select from pg_publication where pubname = %%L) then '
            'create publication %%I; end if; end $$', publication.pubname, publication.pubname
        ),
        null
    from pg_publication as publication
    join pg_database as database on database.datname = current_database()
    where publication.pubowner = database.datdba and not publication.puballtables
    union all
    select
        format(
            'alter publication %%I add table %%s', publication.pubname, member.prrelid::regclass
        ),
        null
    from pg_publication_rel as member
    join pg_publication as publication on publication.oid = member.prpubid
    join pg_class as class on class.oid = member.prrelid
    join pg_namespace as place on place.oid = class.relnamespace
    where place.nspname = any (%(schemas)s)
"""
# What Supabase's own roles may do comes with Supabase.
_GRANTS: Final = """
    with places (kind, object, schema, acl) as (
        select 'schema', quote_ident(nspname), oid, nspacl from pg_namespace
        union all
        select
            case when relkind = 'S' then 'sequence' else 'table' end, oid::regclass::text,
            relnamespace, relacl
        from pg_class
        union all
        select 'function', oid::regprocedure::text, pronamespace, proacl
        from pg_proc where prokind in ('f', 'w')
    )
    select format(
        'grant %%s on %%s %%s to %%s%%s', given.privilege_type, places.kind, places.object,
        coalesce(quote_ident(role.rolname), 'public'),
        case when given.is_grantable then ' with grant option' else '' end
    ) as statement
    from places
    join pg_namespace as namespace on namespace.oid = places.schema
    cross join aclexplode(places.acl) as given
    left join pg_roles as role on role.oid = given.grantee
    where namespace.nspname = any (%(guests)s) and namespace.nspname <> all (%(schemas)s)
    and coalesce(role.rolname, '') !~ '^(postgres$|supabase_|pg_)'
    order by 1
"""
_FILES: Final = "select storage_path as name from public.user_datasets order by storage_path"
_HAS_FILES: Final = """
    select count(*) as count from pg_attribute
    where attrelid = to_regclass('public.user_datasets') and attname = 'storage_path'
"""


class Role(BaseModel):
    """A role that the project uses. Its password is not known, and not kept."""

    name: str
    login: bool
    inherit: bool
    bypass_rls: bool
    settings: list[str]
    members: list[str]
    member_of: list[str]


class Extension(BaseModel):
    """An extension, and the schema that it is in."""

    name: str
    schema_name: str


class Addition(BaseModel):
    """A statement that puts something on a schema of Supabase, and the one that removes it.

    Without the latter it goes with what it belongs to.
    """

    make: str
    remove: str | None


class Contents(BaseModel):
    """What belongs to a project.

    Attributes:
        schemas: Its own schemas, and `public`.
        owner: The role that owns the database.
        relations: How many tables and views are in the schemas.
        others: How many functions and types are in them.
        rows: The tables of `auth` and `storage` whose rows are the project's.
        extensions: What is installed.
        roles: The roles that own something, or that something is granted to.
        additions: Its policies and triggers on schemas of Supabase, and its publications.
        grants: Statements that grant something on schemas of Supabase.
        defaults: The default privileges of the role that dumps.
    """

    schemas: list[str]
    owner: str
    relations: int
    others: int
    rows: list[str]
    extensions: list[Extension]
    roles: list[Role]
    additions: list[Addition]
    grants: list[str]
    defaults: list[DefaultPrivileges]


def read_contents(connection: psycopg.Connection) -> Contents:
    """Return what belongs to the project, as this connection's transaction sees it."""
    # With a search path that is empty, Postgres prints every name with its schema.
    connection.execute("set local search_path = ''")
    schemas = [row["name"] for row in _rows(connection, _SCHEMAS)]
    given = {"schemas": schemas, "guests": [one for one in _GUESTS if one not in schemas]}
    return Contents(
        schemas=schemas,
        owner=_rows(connection, _OWNER)[0]["name"],
        others=_rows(connection, _OTHERS, given)[0]["count"],
        relations=_rows(connection, _RELATIONS, given)[0]["count"],
        rows=[row["name"] for row in _rows(connection, _ROWS, given)],
        extensions=[
            Extension(name=row["name"], schema_name=row["schema"])
            for row in _rows(connection, _EXTENSIONS)
        ],
        roles=[Role(**row) for row in _rows(connection, _ROLES)],
        additions=[Addition(**row) for row in _rows(connection, _ADDITIONS, given)],
        grants=[row["statement"] for row in _rows(connection, _GRANTS, given)],
        defaults=read_defaults(connection),
    )


def named_files(connection: psycopg.Connection) -> list[str]:
    """Return the names of the files that datasets have: `organisation/dataset`."""
    if _rows(connection, _HAS_FILES)[0]["count"] == 0:
        return []
    return [row["name"] for row in _rows(connection, _FILES)]


def has_rows(connection: psycopg.Connection, table: str) -> bool:
    """Return whether there is a row in a table of `Contents.rows`."""
    # The name comes from the catalogue, quoted where it has to be.
    return connection.execute(f"select from {table} limit 1".encode()).fetchone() is not None


def _rows(
    connection: psycopg.Connection, query: LiteralString, given: dict[str, list[str]] | None = None
) -> list[DictRow]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, given).fetchall()
