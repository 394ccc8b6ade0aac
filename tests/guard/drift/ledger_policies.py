"""Drifts of the ledger's policies, grants and audiences."""

from drift.mutant import by_code, by_sql

E = "public.expenses"
MINE = "create or replace function private.my_companies() returns setof uuid language sql stable as"

POLICIES = [
    by_sql(
        "a policy is dropped that an insert needs",
        "drop policy members_submit on expenses",
        f"grant-without-policy {E}",
        "unreachable-table POST /expenses",
    ),
    by_sql(
        "a policy is dropped that an answer needs",
        "drop policy members_read on companies",
        "grant-without-policy public.companies",
        "unreachable-table GET /companies",
        "unreachable-table GET /expenses",
        "unreachable-table POST /expenses",
        "unreachable-table PATCH /expenses/{number}",
    ),
    by_sql(
        "a policy is dropped that a deletion needs",
        "drop policy own_drafts_go on expenses",
        f"grant-without-policy {E}",
        "unreachable-table DELETE /expenses/{number}",
    ),
    by_sql(
        "row-level security is off",
        "alter table comments disable row level security",
        "table-without-rls public.comments",
    ),
    by_sql(
        "a new table has no row-level security",
        "create table audit (id bigint primary key)",
        "table-without-rls public.audit",
    ),
    by_sql(
        "a grant is revoked",
        "revoke insert on expenses from authenticated",
        f"policy-without-grant {E}",
        "unreachable-table POST /expenses",
    ),
    by_sql("everybody may read", "grant select on expenses to anon", f"anonymous-grant {E}"),
    by_sql(
        "everybody may write",
        "grant insert on exchange_rates to anon",
        "anonymous-grant public.exchange_rates",
    ),
    by_sql(
        "a policy lets everybody in",
        "alter policy members_read on expenses using (true)",
        f"policy-without-claim {E}",
    ),
    by_sql(
        "a policy opens deletion",
        "alter policy own_drafts_go on expenses using (state = 'draft')",
        f"policy-without-claim {E}",
    ),
    by_sql(
        "a policy is for another role",
        "alter policy members_read on employees to anon",
        "grant-without-policy public.employees",
        "policy-without-grant public.employees",
    ),
    by_sql(
        "a policy reads another claim",
        "alter policy own_drafts_go on expenses"
        " using (submitted_by = (auth.jwt() ->> 'employee')::uuid)",
        f"unknown-claim {E}",
    ),
    by_sql(
        "a policy's function reads another claim",
        f"{MINE} $$ select (auth.jwt() ->> 'company_id')::uuid $$",
        "unknown-claim public.companies",
        f"unknown-claim {E}",
        "unknown-claim public.comments",
    ),
    by_sql(
        "a policy trusts what people write",
        "alter policy members_read on employees"
        " using (company_id = (auth.jwt() -> 'user_metadata' ->> 'company')::uuid)",
        "editable-claim public.employees",
        "unknown-claim public.employees",
    ),
    by_sql(
        "a view reads as its owner",
        "create view totals as select company_id, sum(amount) from expenses group by 1;"
        " grant select on totals to authenticated",
        "view-bypasses-rls public.totals",
    ),
    by_code(
        "an audience has lost a claim",
        'claims=["sub", "role"]',
        'claims=["role"]',
        "unknown-claim public.companies",
        "unknown-claim public.employees",
        f"unknown-claim {E}",
        "unknown-claim public.comments",
    ),
    by_code(
        "a route is for everybody",
        '@app.get("/companies", **MEMBER)',
        '@app.get("/companies", **EVERYBODY)',
        "claim-without-identity GET /companies",
    ),
    by_code(
        "a route without identity is bound by nothing",
        'rows("anon", ',
        'rows("service_role", ',
        "unbound-role GET /rates",
    ),
    by_code(
        "a route acts in a role without rights",
        'rows("authenticated", credentials.credentials, "select * from companies")',
        'rows("anon", credentials.credentials, "select * from companies")',
        "unreachable-table GET /companies",
    ),
]
