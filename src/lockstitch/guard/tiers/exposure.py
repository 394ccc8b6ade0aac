"""Tables, grants and policies of a catalogue by themselves: what is open, what is idle."""

from collections.abc import Iterator
from dataclasses import dataclass

from lockstitch.database.catalogue.claims import claims_of_policy
from lockstitch.database.catalogue.data import PUBLIC, VERBS, Catalogue, Policy, Table, Verb
from lockstitch.findings import Finding, Place, Severity

ANONYMOUS = "anon"
_API_ROLES = (ANONYMOUS, "authenticated")
_PEOPLE = "auth.users"
_EDITABLE = "user_metadata"


def exposed_tables(catalogue: Catalogue) -> tuple[Table, ...]:
    """Return the tables that a Supabase project answers for: those of `public`."""
    return tuple(table for table in catalogue.tables if table.namespace == "public")


@dataclass(frozen=True, slots=True)
class Readers:
    """Which tables the routes read: those for everybody, and those that identify the caller."""

    public: frozenset[str]
    identified: frozenset[str]


def compare_exposure(catalogue: Catalogue, readers: Readers) -> Iterator[Finding]:
    """Yield what is wrong with the exposed tables by themselves.

    Args:
        catalogue: The database's.
        readers: The tables that the routes read.
    """
    owned = _owned_tables(catalogue)
    for table in exposed_tables(catalogue):
        if table.kind == "view":
            yield from _open_view(table, catalogue)
            continue
        if not table.rls and not any(table.verbs_of(role) for role in _API_ROLES):
            continue  # No API reaches it.
        if not table.rls:
            yield _finding(
                "table-without-rls",
                table,
                "it has no row-level security; whoever has a grant sees every row.",
                f"alter table {table.qualified} enable row level security;",
            )
            continue
        yield from _idle_grants(table, catalogue)
        yield from _idle_policies(table, catalogue)
        yield from _anonymous(table, catalogue, readers)
        for policy in table.policies:
            yield from _editable(policy, table, catalogue)
            if table.qualified in owned:
                yield from _careless(policy, table, catalogue, readers)


def _finding(
    rule: str,
    table: Table,
    message: str,
    fix: str,
    *,
    severity: Severity = "error",
    subject: str = "",
) -> Finding:
    return Finding(
        rule=rule,
        severity=severity,
        place=Place(name=table.qualified),
        message=f"{table.qualified}: {message}",
        fix=fix,
        subject=subject,
    )


def _open_view(view: Table, catalogue: Catalogue) -> Iterator[Finding]:
    readers = [role for role in _API_ROLES if "select" in view.verbs_of(role)]
    if view.invoker or not readers or view.owner not in catalogue.unbound_roles:
        return
    yield _finding(
        "view-bypasses-rls",
        view,
        f"{' and '.join(readers)} read it with the rights of {view.owner}, whom no policy binds.",
        f"alter view {view.qualified} set (security_invoker = true); a materialized one is for "
        "other schemas.",
    )


def _deciding(table: Table, role: str, verb: Verb) -> list[Policy]:
    """Return the policies that let a role do something."""
    return [one for one in table.policies if lets(one, role, verb)]


def lets(policy: Policy, role: str, verb: Verb) -> bool:
    """Whether a policy can let a role use a verb."""
    return policy.permissive and policy.covers(verb) and policy.concerns(role)


def _idle_grants(table: Table, catalogue: Catalogue) -> Iterator[Finding]:
    for role in sorted({grant.role for grant in table.grants} - {PUBLIC, table.owner}):
        if role in catalogue.unbound_roles or role == ANONYMOUS:
            continue
        granted = table.verbs_of(role)
        idle = [verb for verb in granted if not _deciding(table, role, verb)]
        # Supabase grants everything by default; a grant of some verbs is somebody's decision.
        by_default = granted == VERBS
        if idle:
            yield _finding(
                "grant-without-policy",
                table,
                f"{role} may {', '.join(idle)}, and no policy lets it: it finds nothing.",
                f"Add a policy for {role}, or revoke {', '.join(idle)} from it.",
                severity="warning" if by_default else "error",
                subject=role,
            )


def _idle_policies(table: Table, catalogue: Catalogue) -> Iterator[Finding]:
    for policy in table.policies:
        verbs = [verb for verb in VERBS if policy.covers(verb)]
        for role in policy.roles:
            used = table.verbs_of(role)
            if role == PUBLIC or role in catalogue.unbound_roles or set(verbs) & set(used):
                continue
            yield _finding(
                "policy-without-grant",
                table,
                f"the policy {policy.name!r} is for {role}, who may not {' or '.join(verbs)}.",
                f"grant {verbs[0]} on {table.qualified} to {role}; or drop the policy.",
                severity="warning",
                subject=f"{policy.name} {role}",
            )


def _anonymous(table: Table, catalogue: Catalogue, readers: Readers) -> Iterator[Finding]:
    verbs = table.verbs_of(ANONYMOUS)
    opened = [
        verb
        for verb in verbs
        # A policy that asks for a claim lets nobody in who has none.
        if any(
            not claims_of_policy(catalogue, policy).names
            for policy in _deciding(table, ANONYMOUS, verb)
        )
    ]
    needed = {"select"} if table.qualified in readers.public else set()
    # Who grants some verbs has decided so; everything is what Supabase grants by itself.
    by_default = set(verbs) == needed or verbs == VERBS
    if not verbs or (needed and set(opened) <= needed and by_default):
        return
    reach = f"and policies let it {', '.join(opened)}" if opened else "though no policy lets it"
    # Row security keeps anon out where a table has just the grants that Supabase gives by itself.
    closed: Severity = "information" if verbs == VERBS else "warning"
    yield _finding(
        "anonymous-grant",
        table,
        f"anon, which is everybody, may {', '.join(verbs)}, {reach}.",
        f"revoke {', '.join(verb for verb in verbs if verb not in needed)} on {table.qualified} "
        "from anon;",
        severity="error" if set(opened) - needed else closed,
    )


def _editable(policy: Policy, table: Table, catalogue: Catalogue) -> Iterator[Finding]:
    claims = claims_of_policy(catalogue, policy).of_token
    for name in sorted(name for name in claims if name.split(".")[0] == _EDITABLE):
        yield _finding(
            "editable-claim",
            table,
            f"the policy {policy.name!r} trusts {name}, which people change themselves.",
            "Keep it in app_metadata, which only the server writes.",
            subject=policy.name,
        )


def _careless(
    policy: Policy, table: Table, catalogue: Catalogue, readers: Readers
) -> Iterator[Finding]:
    concerned = [role for role in _API_ROLES if policy.concerns(role)]
    if not policy.permissive or not concerned or claims_of_policy(catalogue, policy).names:
        return
    reads = policy.command == "select"
    if reads and table.qualified in readers.public:
        return
    # What no route of this application reads may well be published; what is written never is.
    published = reads and table.qualified not in readers.identified
    does = "do everything with" if policy.command == "all" else policy.command
    yield _finding(
        "policy-without-claim",
        table,
        f"the policy {policy.name!r} lets {' and '.join(concerned)} {does} rows of everybody: it "
        "does not ask who is calling.",
        "Compare the owner of the row with auth.uid(), or with the caller's organisations.",
        severity="warning" if published else "error",
        subject=policy.name,
    )


def _owned_tables(catalogue: Catalogue) -> frozenset[str]:
    """Return the tables whose rows belong to somebody: a person, or what only some may see."""
    guarded = {
        table.qualified
        for table in catalogue.tables
        if any(claims_of_policy(catalogue, policy).names for policy in table.policies)
    }
    return frozenset(
        table.qualified
        for table in catalogue.tables
        if any(key.table == _PEOPLE or key.table in guarded for key in table.foreign_keys)
    )
