"""The SQL that reads a catalogue; every query names its columns after the fields of `data`."""

# Postgres' own schemas, and what an extension brought along, are nobody's to check.
_OURS = """
    namespace.nspname !~ '^pg_' and namespace.nspname <> 'information_schema'
    and not exists (
        select from pg_depend
        where pg_depend.objid = {object}.oid and pg_depend.classid = '{catalogue}'::regclass
        and pg_depend.deptype = 'e'
    )
"""
_OURS_CLASS = _OURS.format(object="class", catalogue="pg_class")
_OURS_FUNCTION = _OURS.format(object="proc", catalogue="pg_proc")

VERSION = "select current_setting('server_version_num')::integer / 10000"

ROLES = """
    select rolname::text as name, rolsuper or rolbypassrls as unbound
    from pg_roles where rolname !~ '^pg_' order by rolname
"""

TABLES = f"""
    select
        class.oid::bigint as id,
        namespace.nspname::text as namespace,
        class.relname::text as name,
        case when class.relkind in ('v', 'm') then 'view' else 'table' end as kind,
        pg_get_userbyid(class.relowner)::text as owner,
        class.relrowsecurity as rls,
        class.relforcerowsecurity as rls_forced,
        class.relkind not in ('v', 'm') or coalesce(class.reloptions, '{{}}')
            && array['security_invoker=true', 'security_invoker=on', 'security_invoker=1']
            as invoker
    from pg_class as class
    join pg_namespace as namespace on namespace.oid = class.relnamespace
    where class.relkind in ('r', 'p', 'v', 'm', 'f') and {_OURS_CLASS}
    order by namespace.nspname, class.relname
"""  # noqa: S608 - made of constants alone.

# A domain is followed down to the type that it stands on; its NOT NULL and checks come along.
COLUMNS = f"""
    with recursive domains as (
        select
            type.oid as domain, type.typbasetype as stands_on, type.typtypmod as modifier,
            type.typnotnull as not_null, type.typdefault as fallback, array[type.oid] as chain
        from pg_type as type where type.typtype = 'd'
        union all
        select
            domains.domain, type.typbasetype,
            case when type.typtypmod = -1 then domains.modifier else type.typtypmod end,
            domains.not_null or type.typnotnull, coalesce(domains.fallback, type.typdefault),
            domains.chain || type.oid
        from domains join pg_type as type on type.oid = domains.stands_on
        where type.typtype = 'd'
    ),
    resolved as (
        select distinct on (domain) * from domains order by domain, cardinality(chain) desc
    )
    select
        attribute.attrelid::bigint as table_id,
        attribute.attname::text as name,
        not (attribute.attnotnull or coalesce(resolved.not_null, false)) as nullable,
        case when attribute.attgenerated = '' then
            coalesce(pg_get_expr(definition.adbin, definition.adrelid), resolved.fallback)
        end as "default",
        attribute.attidentity <> '' as identity,
        attribute.attgenerated <> '' as generated,
        attribute.attidentity = 'a' or attribute.attgenerated <> '' as always,
        exists (
            -- The type of a trigger is made of bits: 1 each row, 2 before, 4 insert.
            select from pg_trigger as trigger
            join pg_proc as function on function.oid = trigger.tgfoid
            where trigger.tgrelid = attribute.attrelid and trigger.tgtype & 7 = 7
            and trigger.tgenabled <> 'D'
            and function.prosrc ~* format(
                'into\\s+new\\.%1$s\\M|new\\.%1$s\\s*:=',
                regexp_replace(quote_ident(attribute.attname), '(\\W)', '\\\\\\1', 'g')
            )
        ) as triggered,
        coalesce(element.typname, bottom.typname)::text as type_name,
        element.oid is not null as array,
        case when attribute.atttypmod = -1
            then coalesce(resolved.modifier, -1) else attribute.atttypmod end as modifier,
        (
            select array_agg(label.enumlabel::text order by label.enumsortorder)
            from pg_enum as label
            where label.enumtypid = coalesce(element.oid, bottom.oid)
        ) as "values",
        (
            select array_agg(replace(
                pg_get_constraintdef(rule.oid), 'VALUE', quote_ident(attribute.attname)
            ))
            from pg_constraint as rule
            where rule.contypid = any (resolved.chain) and rule.contype = 'c'
        ) as domain_checks
    from pg_attribute as attribute
    join pg_class as class on class.oid = attribute.attrelid
    join pg_namespace as namespace on namespace.oid = class.relnamespace
    left join resolved on resolved.domain = attribute.atttypid
    join pg_type as bottom on bottom.oid = coalesce(resolved.stands_on, attribute.atttypid)
    left join pg_type as element
        on element.oid = bottom.typelem and bottom.typcategory = 'A'
    left join pg_attrdef as definition
        on definition.adrelid = attribute.attrelid and definition.adnum = attribute.attnum
    where attribute.attnum > 0 and not attribute.attisdropped
    and class.relkind in ('r', 'p', 'v', 'm', 'f') and {_OURS_CLASS}
    order by attribute.attrelid, attribute.attnum
"""  # noqa: S608 - made of constants alone.

CONSTRAINTS = """
    select
        rule.conrelid::bigint as table_id,
        rule.conname::text as name,
        rule.contype::text as kind,
        pg_get_expr(rule.conbin, rule.conrelid) as expression,
        array(
            select attribute.attname::text
            from unnest(rule.conkey) with ordinality as part (number, place)
            join pg_attribute as attribute
                on attribute.attrelid = rule.conrelid and attribute.attnum = part.number
            order by part.place
        ) as columns,
        target_namespace.nspname || '.' || target.relname as "table",
        array(
            select attribute.attname::text
            from unnest(rule.confkey) with ordinality as part (number, place)
            join pg_attribute as attribute
                on attribute.attrelid = rule.confrelid and attribute.attnum = part.number
            order by part.place
        ) as referenced
    from pg_constraint as rule
    left join pg_class as target on target.oid = rule.confrelid
    left join pg_namespace as target_namespace on target_namespace.oid = target.relnamespace
    where rule.conrelid <> 0 and rule.contype in ('c', 'p', 'u', 'f')
    order by rule.conrelid, rule.conname
"""

POLICIES = """
    select
        policy.polrelid::bigint as table_id,
        policy.polname::text as name,
        case policy.polcmd
            when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update'
            when 'd' then 'delete' else 'all'
        end as command,
        policy.polpermissive as permissive,
        array(
            select case when member = 0 then 'public' else pg_get_userbyid(member)::text end
            from unnest(policy.polroles) as member
        ) as roles,
        pg_get_expr(policy.polqual, policy.polrelid) as "using",
        pg_get_expr(policy.polwithcheck, policy.polrelid) as "check"
    from pg_policy as policy
    order by policy.polrelid, policy.polname
"""

GRANTS = """
    select
        given.table_id::bigint as table_id,
        case when given.grantee = 0 then 'public'
            else pg_get_userbyid(given.grantee)::text end as role,
        array_agg(distinct lower(given.privilege_type)) as verbs
    from (
        select class.oid as table_id, (aclexplode(class.relacl)).*
        from pg_class as class
        union all
        select attribute.attrelid, (aclexplode(attribute.attacl)).*
        from pg_attribute as attribute
    ) as given
    where lower(given.privilege_type) in ('select', 'insert', 'update', 'delete')
    group by given.table_id, given.grantee
    order by given.table_id, role
"""

FUNCTIONS = f"""
    select
        namespace.nspname::text as namespace,
        proc.proname::text as name,
        coalesce(pg_get_function_sqlbody(proc.oid), proc.prosrc) as body,
        proc.prosecdef as security_definer,
        array(
            select format_type(argument.type, null)
            from unnest(proc.proargtypes) with ordinality as argument (type, place)
            where argument.place <= proc.pronargs - proc.pronargdefaults
            order by argument.place
        ) as arguments,
        array(
            select format_type(argument.type, null)
            from unnest(proc.proargtypes) with ordinality as argument (type, place)
            where argument.place > proc.pronargs - proc.pronargdefaults
            order by argument.place
        ) as optional,
        language.lanname::text as language,
        array(
            select distinct case when given.grantee = 0 then 'public'
                else pg_get_userbyid(given.grantee)::text end
            from aclexplode(coalesce(proc.proacl, acldefault('f', proc.proowner))) as given
        ) as callers,
        proc.prorettype in ('trigger'::regtype, 'event_trigger'::regtype) as in_trigger
    from pg_proc as proc
    join pg_namespace as namespace on namespace.oid = proc.pronamespace
    join pg_language as language on language.oid = proc.prolang
    where proc.prokind = 'f' and {_OURS_FUNCTION}
    order by namespace.nspname, proc.proname, proc.oid
"""  # noqa: S608 - made of constants alone.
