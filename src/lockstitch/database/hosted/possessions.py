"""What belongs to Supabase: schemas, tables, roles, and the extensions that it offers.

From Supabase's own announcement "Restricting access on auth, storage, and realtime schemas on
April 21, 2025" and the settings of `supautils` in its Postgres image.
"""

from typing import Final

SCHEMAS: Final = frozenset({"auth", "storage", "realtime"})

# Where policies and triggers may be added, although the tables are somebody else's.
OPEN_TABLES: Final = frozenset(
    {
        *(
            f"auth.{name}"
            for name in [
                "audit_log_entries",
                "flow_state",
                "identities",
                "instances",
                "mfa_amr_claims",
                "mfa_challenges",
                "mfa_factors",
                "oauth_clients",
                "one_time_tokens",
                "refresh_tokens",
                "saml_providers",
                "saml_relay_states",
                "sessions",
                "sso_domains",
                "sso_providers",
                "users",
            ]
        ),
        *(
            f"storage.{name}"
            for name in [
                "buckets",
                "buckets_analytics",
                "objects",
                "prefixes",
                "s3_multipart_uploads",
                "s3_multipart_uploads_parts",
            ]
        ),
        "realtime.messages",
        "realtime.subscription",
    }
)
# The verbs that a migration may use on rows of the three schemas; it may read all of them.
OPEN_ROWS: Final = {
    "storage.buckets": frozenset({"InsertStmt", "UpdateStmt", "MergeStmt", "CopyStmt"}),
    "realtime.messages": frozenset({"InsertStmt"}),
}

# Those of the API: their settings may be changed, and postgres is a member of the first three.
API_ROLES: Final = frozenset({"anon", "authenticated", "service_role"})
SETTABLE_ROLES: Final = API_ROLES | {"authenticator"}
RESERVED_ROLES: Final = SETTABLE_ROLES | {
    "dashboard_user",
    "pgbouncer",
    "supabase_admin",
    "supabase_auth_admin",
    "supabase_etl_admin",
    "supabase_functions_admin",
    "supabase_read_only_user",
    "supabase_realtime_admin",
    "supabase_replication_admin",
    "supabase_storage_admin",
}
# Nobody gets these, and postgres cannot act as them.
RESERVED_MEMBERSHIPS: Final = (RESERVED_ROLES - API_ROLES) | {
    "pg_execute_server_program",
    "pg_read_server_files",
    "pg_write_server_files",
}

EXTENSIONS: Final = frozenset(
    [
        "address_standardizer",
        "address_standardizer_data_us",
        "autoinc",
        "bloom",
        "btree_gin",
        "btree_gist",
        "citext",
        "cube",
        "dblink",
        "dict_int",
        "dict_xsyn",
        "earthdistance",
        "fuzzystrmatch",
        "hstore",
        "http",
        "hypopg",
        "index_advisor",
        "insert_username",
        "intarray",
        "isn",
        "lo",
        "ltree",
        "moddatetime",
        "orioledb",
        "pg_buffercache",
        "pg_cron",
        "pg_graphql",
        "pg_hashids",
        "pg_jsonschema",
        "pg_net",
        "pg_partman",
        "pg_prewarm",
        "pg_repack",
        "pg_stat_monitor",
        "pg_stat_statements",
        "pg_tle",
        "pg_trgm",
        "pg_walinspect",
        "pgaudit",
        "pgcrypto",
        "pgjwt",
        "pgmq",
        "pgroonga",
        "pgroonga_database",
        "pgrouting",
        "pgrowlocks",
        "pgsodium",
        "pgstattuple",
        "pgtap",
        "plcoffee",
        "pljava",
        "plls",
        "plpgsql",
        "plpgsql_check",
        "plv8",
        "postgis",
        "postgis_raster",
        "postgis_sfcgal",
        "postgis_tiger_geocoder",
        "postgis_topology",
        "postgres_fdw",
        "refint",
        "rum",
        "seg",
        "sslinfo",
        "supabase_vault",
        "tablefunc",
        "tcn",
        "timescaledb",
        "tsm_system_rows",
        "tsm_system_time",
        "unaccent",
        "uuid-ossp",
        "vector",
        "wrappers",
    ]
)
# Languages in which anybody may write a function; the others can reach the server's files.
LANGUAGES: Final = frozenset({"sql", "plpgsql", "plv8", "plcoffee", "plls", "pljava"})
SERVER_FILE_FUNCTIONS: Final = frozenset(
    ["lo_export", "lo_import", "pg_ls_dir", "pg_read_binary_file", "pg_read_file", "pg_stat_file"]
)
