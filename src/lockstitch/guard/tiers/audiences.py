"""Policies held against the routes: who may call, in which role, and what the token says."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lockstitch.database.catalogue.claims import claims_of_policy
from lockstitch.database.catalogue.data import PUBLIC, Catalogue, Policy, Table, Verb
from lockstitch.database.stored import declaration_of
from lockstitch.findings import Finding, Place
from lockstitch.guard.tiers.exposure import (
    ANONYMOUS,
    Readers,
    compare_exposure,
    exposed_tables,
    lets,
)
from lockstitch.guard.tiers.places import place_of_function
from lockstitch.guard.tiers.reaching import SERVICE_ROLE, Reach, reach_of
from lockstitch.guard.tiers.routes import Route

_PERSON = "authenticated"

# What Supabase Auth puts into every token.
_STANDARD_CLAIMS = frozenset(
    {
        *("iss", "sub", "aud", "exp", "iat", "role", "email", "phone"),
        *("app_metadata", "user_metadata", "session_id", "aal", "amr", "is_anonymous"),
    }
)
_VERBS_OF_METHODS: dict[str, Verb] = {
    "GET": "select",
    "POST": "insert",
    "PUT": "update",
    "PATCH": "update",
    "DELETE": "delete",
}


@dataclass(frozen=True, slots=True)
class _Visit:
    """A route at a table."""

    route: Route
    table: Table
    verbs: frozenset[Verb]
    roles: frozenset[str]
    named: bool

    def meets(self, policy: Policy) -> bool:
        """Whether the policy can decide about this route."""
        return any(lets(policy, role, verb) for role in self.roles for verb in self.verbs)


def compare_policies(
    routes: Iterable[Route], catalogue: Catalogue, project: Path
) -> Iterator[Finding]:
    """Yield where policies, grants and routes do not fit together.

    Args:
        routes: What `read_routes` found.
        catalogue: The database's.
        project: The folder that findings name files in, and whose functions are read.
    """
    reached = [(route, reach_of(route.functions, catalogue, project)) for route in routes]
    visits = [visit for route, reach in reached for visit in _visits(route, reach, catalogue)]
    reads = [visit for visit in visits if visit.route.method == "GET"]
    readers = Readers(
        public=frozenset(one.table.qualified for one in reads if not one.route.identified),
        identified=frozenset(one.table.qualified for one in reads if one.route.identified),
    )
    yield from compare_exposure(catalogue, readers)
    for route, reach in reached:
        yield from _unbound(route, reach, catalogue, project)
    for visit in visits:
        yield from _unreachable(visit, catalogue, project)
        yield from _nobody_is_let(visit, catalogue, project)
    for table in exposed_tables(catalogue):
        for policy in table.policies:
            yield from _unknown_claims(policy, table, visits, catalogue)


def _visits(route: Route, reach: Reach, catalogue: Catalogue) -> Iterator[_Visit]:
    tables = {name: set(verbs) for name, verbs in reach.tables.items()}
    for use in route.uses:
        declared = declaration_of(use.model)
        if declared is not None and catalogue.table(declared.table) is not None:
            verb = _VERBS_OF_METHODS.get(route.method, "select")
            given: Verb = "select" if use.side == "response" else verb
            tables.setdefault(declared.table, set()).add(given)
            for other in declared.tables:
                tables.setdefault(other, {"select"})
    assumed = {_PERSON} if route.identified else {ANONYMOUS}
    roles = frozenset(reach.roles or assumed)
    for name, verbs in tables.items():
        table = catalogue.table(name)
        if table is not None:
            yield _Visit(route, table, frozenset(verbs), roles, named=bool(reach.roles))


def _unbound(route: Route, reach: Reach, catalogue: Catalogue, project: Path) -> Iterator[Finding]:
    unbound = sorted(_roles(reach, catalogue) & {*catalogue.unbound_roles, SERVICE_ROLE})
    if route.identified or not unbound:
        return
    yield Finding(
        rule="unbound-role",
        severity="error",
        place=place_of_function(route.functions[0], route.name, project),
        message=f"{route.name} asks nobody who they are and acts as {unbound[0]}, whom no policy "
        "binds: everybody reaches every row.",
        fix="Identify the caller by a dependency, or act in a role that policies bind.",
        subject=route.name,
    )


def _roles(reach: Reach, catalogue: Catalogue) -> set[str]:
    """Return the roles in which a route acts.

    Who logs in as the owner and never takes another role evades the policies of what it reaches.
    """
    tables = [table for name in reach.tables if (table := catalogue.table(name)) is not None]
    evades = not reach.roles and any(table.rls for table in tables)
    return reach.logins if evades else reach.roles


def _unreachable(visit: _Visit, catalogue: Catalogue, project: Path) -> Iterator[Finding]:
    """Yield when no role that the code names may do what the route does."""
    table, bound = visit.table, visit.roles - {*catalogue.unbound_roles, SERVICE_ROLE}
    if not visit.named or bound != visit.roles or table.kind == "view":
        return
    for verb in sorted(visit.verbs):
        granted = [role for role in sorted(bound) if verb in table.verbs_of(role)]
        let = [role for role in granted if any(lets(one, role, verb) for one in table.policies)]
        if let or (granted and not table.rls):
            continue
        who = " and ".join(sorted(bound))
        lack = "no policy lets it" if granted else "it has no grant"
        yield Finding(
            rule="unreachable-table",
            severity="error",
            place=place_of_function(visit.route.functions[0], visit.route.name, project),
            message=f"{visit.route.name} needs {verb} on {table.qualified} as {who}, and {lack}.",
            fix=f"Add the grant or the policy for {verb} by a migration.",
            subject=f"{visit.route.name} {table.qualified} {verb}",
            related=(Place(name=table.qualified),),
        )


def _nobody_is_let(visit: _Visit, catalogue: Catalogue, project: Path) -> Iterator[Finding]:
    """Yield when a route without identity meets only policies that ask who is calling."""
    if visit.route.identified or not visit.named or not visit.table.rls:
        return
    meeting = [policy for policy in visit.table.policies if visit.meets(policy)]
    claims = [claims_of_policy(catalogue, policy).of_token for policy in meeting]
    if not meeting or not all(claims):
        return
    yield Finding(
        rule="claim-without-identity",
        severity="error",
        place=place_of_function(visit.route.functions[0], visit.route.name, project),
        message=f"{visit.route.name} is for everybody; the policies of {visit.table.qualified} "
        f"read {', '.join(sorted({name for names in claims for name in names}))}, which nobody "
        "without identity has: it finds nothing.",
        fix="Identify the caller, or add a policy for what everybody may see.",
        subject=f"{visit.route.name} {visit.table.qualified}",
        related=(Place(name=visit.table.qualified),),
    )


def _unknown_claims(
    policy: Policy, table: Table, visits: list[_Visit], catalogue: Catalogue
) -> Iterator[Finding]:
    claims = claims_of_policy(catalogue, policy).of_token
    if set(policy.roles).isdisjoint({_PERSON, ANONYMOUS, PUBLIC}):
        return
    identified = [visit for visit in visits if visit.route.identified]
    meeting = [visit for visit in identified if visit.table == table and visit.meets(policy)]
    # Where no route is known to reach the table, any audience of the application may.
    callers = meeting or identified
    for name in sorted(claims):
        if not callers or any(_gives(visit.route, name) for visit in callers):
            continue
        yield Finding(
            rule="unknown-claim",
            severity="error",
            place=Place(name=table.qualified),
            message=f"{table.qualified}: the policy {policy.name!r} reads the claim {name!r}, "
            "which the audience of its routes does not have: it never lets anybody.",
            fix="Read a claim that the token has, or declare it: audience(…, claims=[…]).",
            subject=f"{policy.name} {name}",
            related=tuple(Place(name=visit.route.name) for visit in meeting),
        )


def _gives(route: Route, claim: str) -> bool:
    """Whether the token of a route's callers holds a claim, such as `app_metadata.role`."""
    given = _STANDARD_CLAIMS if route.claims is None else route.claims
    return claim in given or claim.split(".", maxsplit=1)[0] in given
