"""Which claims a policy reads, as Postgres prints it."""

import psycopg
import pytest

from lockstitch.database.catalogue.claims import claims_of_policy
from lockstitch.database.catalogue.reading import read_connection

FUNCTIONS = """
create table public.one (owner uuid, organisation uuid, role text);
create schema hidden;
create function hidden.mine() returns setof uuid language sql stable as
    $$ select owner from public.one where owner = (select auth.uid()) -- auth.email() $$;
create function hidden.deep() returns boolean language plpgsql stable as
    $$ begin return exists (select hidden.mine()) and hidden.deep(); end $$;
"""


@pytest.mark.parametrize(
    ("expression", "claims"),
    [
        ("owner = auth.uid()", {"sub"}),
        ("owner = (select auth.uid())", {"sub"}),
        ("auth.role() = 'authenticated'", {"role"}),
        ("auth.email() = 'a@example.com'", {"email"}),
        ("organisation = (auth.jwt() ->> 'org_id')::uuid", {"org_id"}),
        ("organisation = ((select auth.jwt()) ->> 'org_id')::uuid", {"org_id"}),
        ("organisation = (select (auth.jwt() ->> 'org_id')::uuid)", {"org_id"}),
        ("auth.jwt() -> 'app_metadata' ->> 'role' = role", {"app_metadata.role"}),
        ("((select auth.jwt()) -> 'app_metadata') ->> 'role' = role", {"app_metadata.role"}),
        ("auth.jwt() #>> '{app_metadata,role}' = role", {"app_metadata.role"}),
        (
            "owner = (current_setting('request.jwt.claims', true)::json ->> 'sub')::uuid",
            {"sub"},
        ),
        ("owner::text = current_setting('request.jwt.claim.sub', true)", {"sub"}),
        ("owner::text = current_setting('app.person', true)", {"setting app.person"}),
        ("owner = any (array(select hidden.mine()))", {"sub"}),
        ("hidden.deep()", {"sub"}),
        ("role = 'auth.uid()'", set()),
        ("true", set()),
    ],
)
def test_claims_of_a_policy(owner_dsn: str, expression: str, claims: set[str]) -> None:
    with psycopg.connect(owner_dsn) as connection:
        connection.execute(FUNCTIONS)
        policy = f"create policy one on public.one for select using ({expression})"
        connection.execute(policy.encode())
        catalogue = read_connection(connection)
        connection.rollback()

    table = catalogue.table("one")
    assert table is not None
    assert claims_of_policy(catalogue, table.policies[0]).names == claims
