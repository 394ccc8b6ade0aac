"""Everything that a database's schemas consist of, one line for each fact, to be compared."""

import psycopg

# What the catalogue of Lockstitch leaves out, such as the precision of a time, stands here, too.
FACTS = {
    "schema": """
        select format('%%s owner=%%s comment=%%s', nspname, nspowner::regrole,
            obj_description(oid, 'pg_namespace'))
        from pg_namespace where nspname = any (%(schemas)s)
    """,
    "relation": """
        select format('%%s kind=%%s owner=%%s rls=%%s forced=%%s options=%%s comment=%%s',
            class.oid::regclass, relkind, relowner::regrole, relrowsecurity, relforcerowsecurity,
            reloptions, obj_description(class.oid, 'pg_class'))
        from pg_class as class join pg_namespace as place on place.oid = relnamespace
        where nspname = any (%(schemas)s) and relkind <> 't'
    """,
    "column": """
        select format('%%s.%%s #%%s type=%%s not_null=%%s identity=%%s generated=%%s default=%%s '
            'collation=%%s comment=%%s', class.oid::regclass, attname,
            row_number() over (partition by class.oid order by attnum),
            format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated,
            pg_get_expr(adbin, adrelid), attcollation::regcollation,
            col_description(class.oid, attnum))
        from pg_attribute join pg_class as class on class.oid = attrelid
        join pg_namespace as place on place.oid = relnamespace
        left join pg_attrdef on adrelid = attrelid and adnum = attnum
        where nspname = any (%(schemas)s) and attnum > 0 and not attisdropped
        and relkind in ('r', 'p', 'v', 'm', 'f', 'c')
    """,
    # PostgreSQL 18 lists NOT NULL among the constraints, 15 does not; the columns say it above.
    "constraint": """
        select format('%%s on %%s: %%s', conname, conrelid::regclass,
            pg_get_constraintdef(rule.oid))
        from pg_constraint as rule join pg_namespace as place on place.oid = connamespace
        where nspname = any (%(schemas)s) and contype <> 'n'
    """,
    "index": """
        select pg_get_indexdef(indexrelid)
        from pg_index join pg_class as class on class.oid = indexrelid
        join pg_namespace as place on place.oid = relnamespace
        where nspname = any (%(schemas)s)
    """,
    "trigger": """
        select pg_get_triggerdef(trigger.oid) || format(' enabled=%%s', tgenabled)
        from pg_trigger as trigger join pg_class as class on class.oid = tgrelid
        join pg_namespace as place on place.oid = relnamespace
        where nspname = any (%(schemas)s) and not tgisinternal
    """,
    "policy": """
        select format('%%s on %%s.%%s %%s for %%s to %%s using %%s check %%s', policyname,
            schemaname, tablename, permissive, cmd, roles, qual, with_check)
        from pg_policies where schemaname = any (%(schemas)s)
    """,
    "function": """
        select pg_get_functiondef(proc.oid) || format(' owner=%%s comment=%%s',
            proowner::regrole, obj_description(proc.oid, 'pg_proc'))
        from pg_proc as proc join pg_namespace as place on place.oid = pronamespace
        where nspname = any (%(schemas)s) and prokind in ('f', 'p', 'w')
    """,
    # MAINTAIN came with PostgreSQL 17 and is part of ALL there.
    "grant": """
        with places (object, schema, acl) as (
            select 'schema ' || nspname, nspname, nspacl from pg_namespace
            union all
            select 'relation ' || class.oid::regclass, nspname, relacl
            from pg_class as class join pg_namespace as place on place.oid = relnamespace
            union all
            select format('column %%s.%%s', attrelid::regclass, attname), nspname, attacl
            from pg_attribute join pg_class as class on class.oid = attrelid
            join pg_namespace as place on place.oid = relnamespace
            union all
            select 'function ' || proc.oid::regprocedure, nspname,
                coalesce(proacl, acldefault('f', proowner))
            from pg_proc as proc join pg_namespace as place on place.oid = pronamespace
            union all
            select format('later %%s of %%s', defaclobjtype, defaclrole::regrole), nspname,
                defaclacl
            from pg_default_acl join pg_namespace as place on place.oid = defaclnamespace
        )
        select format('%%s to %%s on %%s grantable=%%s', privilege_type,
            case when grantee = 0 then 'public' else grantee::regrole::text end, object,
            is_grantable)
        from places cross join aclexplode(acl)
        where schema = any (%(schemas)s) and privilege_type <> 'MAINTAIN'
    """,
    "publication": """
        select format('%%s has %%s.%%s', pubname, schemaname, tablename)
        from pg_publication_tables where schemaname = any (%(schemas)s)
    """,
}


def whole_catalogue(dsn: str, *schemas: str) -> list[str]:
    """Return every fact about some schemas, sorted."""
    with psycopg.connect(dsn) as connection:
        connection.execute("set local search_path = ''")
        return sorted(
            f"{kind}: {without_nesting(text) if kind == 'constraint' else text}"
            for kind, query in FACTS.items()
            for (text,) in connection.execute(query.encode(), {"schemas": list(schemas)})
        )


def without_nesting(text: str) -> str:
    """Return a condition without parentheses: `(a and b) and c` is read as `a and b and c`."""
    return text.translate(str.maketrans("", "", "()"))


def row_digests(dsn: str, *schemas: str) -> dict[str, tuple[int, str]]:
    """Return the number of rows and a digest of all rows of each table."""
    with psycopg.connect(dsn) as connection:
        connection.execute("set local search_path = ''")
        tables = connection.execute(
            "select class.oid::regclass::text from pg_class as class "
            "join pg_namespace as place on place.oid = relnamespace "
            "where nspname = any (%s) and relkind = 'r'",
            [list(schemas)],
        ).fetchall()
        return {name: row_digest(connection, name) for (name,) in tables}


def row_digest(connection: psycopg.Connection, table: str) -> tuple[int, str]:
    # The name comes from the catalogue, quoted where it has to be.
    query = f"""
        select count(*), coalesce(md5(string_agg(one::text, '|' order by one::text)), '')
        from {table} as one
    """
    count, digest = connection.execute(query.encode()).fetchone() or (0, "")
    return count, digest
