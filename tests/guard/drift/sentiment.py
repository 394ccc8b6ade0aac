"""Drifts of the sentiment example's database."""

from drift.mutant import by_sql

R = "public.inference_results"
V = "public.model_versions"
ORGANISATIONS = "public.organisations"
M = "public.organisation_members"

SENTIMENT = [
    by_sql(
        "a column is renamed",
        f"alter table {R} rename duration_seconds to duration",
        f"unknown-column {R}.duration_seconds",
    ),
    by_sql(
        "a column of the other table is renamed",
        f"alter table {V} rename version to number",
        f"unknown-column {V}.version",
    ),
    by_sql("a table is renamed", f"alter table {V} rename to versions", f"unknown-table {V}"),
    by_sql("a column is dropped", f"alter table {V} drop metrics", f"unknown-column {V}.metrics"),
    by_sql(
        "a person must be known",
        f"alter table {R} alter person_id set not null",
        f"nullable-field {R}.person_id",
    ),
    by_sql(
        "a duration may be unknown",
        f"alter table {R} alter duration_seconds drop not null",
        f"nullable-column {R}.duration_seconds",
    ),
    by_sql(
        "an output may be missing",
        f"alter table {R} alter output drop not null",
        f"nullable-column {R}.output",
    ),
    by_sql(
        "a name may be missing",
        f"alter table {ORGANISATIONS} alter name drop not null",
        f"nullable-column {ORGANISATIONS}.name",
    ),
    by_sql(
        "labels are needed",
        f"alter table {V} alter labels set not null",
        f"nullable-field {V}.labels",
    ),
    by_sql(
        "a moment loses its zone",
        f"alter table {R} alter created_at type timestamp",
        f"naive-time {R}.created_at",
    ),
    by_sql(
        "a version is a text",
        f"alter table {V} drop constraint model_versions_version_check, alter version type text",
        f"column-type {V}.version",
    ),
    by_sql(
        "a version has 64 bits",
        f"alter table {V} alter version type bigint",
        f"unsafe-integer {V}.version",
    ),
    by_sql(
        "a duration is exact",
        f"alter table {R} alter duration_seconds type numeric(12, 6)",
        f"lossy-decimal {R}.duration_seconds",
    ),
    by_sql(
        "metrics are a list",
        f"alter table {V} drop constraint model_versions_metrics_check,"
        " add check (jsonb_typeof(metrics) = 'array')",
        f"column-type {V}.metrics",
    ),
    by_sql(
        "an input is a list",
        f"alter table {R} add check (jsonb_typeof(input) = 'array')",
        f"column-type {R}.input",
    ),
    by_sql(
        "there is one more role",
        f"alter table {M} drop constraint organisation_members_role_check,"
        " add check (role in ('owner', 'admin', 'member', 'viewer', 'guest'))",
        f"listed-values {M}.role",
    ),
    by_sql(
        "a role is gone",
        f"alter table {M} drop constraint organisation_members_role_check,"
        " add check (role in ('owner', 'admin', 'member'))",
        f"listed-values {M}.role",
    ),
    by_sql(
        "roles are open",
        f"alter table {M} drop constraint organisation_members_role_check",
        f"listed-values {M}.role",
    ),
    by_sql(
        "sessions never end",
        "alter table private.sessions alter expires_at drop not null",
        "nullable-column private.sessions.expires_at",
    ),
    by_sql(
        "the policy of the history is dropped",
        f"drop policy members_read_results on {R}",
        f"grant-without-policy {R}",
        "unreachable-table GET /v1/predictions",
        "unreachable-table GET /v1/predictions/{id}",
    ),
    by_sql(
        "the policy of the versions is dropped",
        f"drop policy members_read_versions on {V}",
        f"grant-without-policy {V}",
        "unreachable-table GET /v1/predictions",
        "unreachable-table GET /v1/predictions/{id}",
    ),
    by_sql(
        "the server stores nothing",
        f"drop policy server_stores on {R}",
        f"grant-without-policy {R}",
    ),
    by_sql(
        "the history is open",
        f"alter table {R} disable row level security",
        f"table-without-rls {R}",
    ),
    by_sql("everybody reads the history", f"grant select on {R} to anon", f"anonymous-grant {R}"),
    by_sql(
        "everybody deletes the history",
        f"grant delete on {R} to anon; create policy gone on {R} for delete using (true)",
        f"anonymous-grant {R}",
        f"policy-without-claim {R}",
    ),
    by_sql(
        "people may write",
        f"grant update on {R} to authenticated",
        f"grant-without-policy {R}",
    ),
    by_sql(
        "the history of all is read",
        f"alter policy members_read_results on {R} using (true)",
        f"policy-without-claim {R}",
    ),
    by_sql(
        "the organisation comes from the token",
        f"alter policy members_read_their_organisations on {ORGANISATIONS}"
        " using (id = (auth.jwt() ->> 'organisation_id')::uuid)",
        f"unknown-claim {ORGANISATIONS}",
    ),
    by_sql(
        "one policy reads another claim",
        f"alter policy members_read_results on {R}"
        " using (organisation_id = ((select auth.jwt()) ->> 'org_id')::uuid)",
        f"unknown-claim {R}",
    ),
    by_sql(
        "a policy has lost its grant",
        f"revoke select on {R} from authenticated",
        f"policy-without-grant {R}",
        "unreachable-table GET /v1/predictions",
        "unreachable-table GET /v1/predictions/{id}",
    ),
]
