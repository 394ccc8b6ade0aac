"""What an attack found: a matrix of relations and actors, and a report."""

from collections.abc import Iterable, Iterator
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from lockstitch.database.attack.actors import ACTORS, ActorName
from lockstitch.findings import Finding, Place, Report, Rule, Severity

Verb = Literal[
    "select",
    "insert",
    "update",
    "delete",
    "move",
    "upsert",
    "link",
    "assign",
    "escalate",
    "call",
    "influence",
]
# What happened to the rows that the actor must not reach: a statement was refused; it found
# nothing; it reached them; or it did not end in time.
Outcome = Literal["refused", "nothing", "reached", "undecided"]

RULES: Final = (
    Rule("isolation-select", "Rows of a tenant are seen by somebody else."),
    Rule("isolation-insert", "Somebody writes a row into another tenant."),
    Rule("isolation-update", "Somebody changes rows of another tenant."),
    Rule("isolation-delete", "Somebody removes rows of another tenant."),
    Rule("isolation-move", "A row is moved from one tenant into another."),
    Rule("isolation-upsert", "An insert that meets a key of another tenant takes over its row."),
    Rule("isolation-link", "A row of one tenant refers to a row of another."),
    Rule("isolation-assign", "A row is written in the name of another person."),
    Rule("isolation-escalate", "A member gives themselves a stronger role."),
    Rule("isolation-call", "A function tells or changes what belongs to another tenant."),
    Rule("isolation-influence", "What somebody reads depends on rows of another tenant."),
    Rule("isolation-shared", "A table that belongs to no tenant is written by anybody."),
    Rule("isolation-vacuous", "Not even the owner sees the rows, so nothing is proved."),
    Rule("isolation-unfilled", "No row could be made, so the relation was not attacked."),
    Rule("isolation-unowned", "It is not known whose rows these are, so reading was not attacked."),
    Rule("isolation-undecided", "A statement did not end in time."),
    Rule("isolation-not-called", "A function leaves the database, so it was not called."),
)

_WORDS: Final[dict[Verb, str]] = {
    "select": "sees rows of another tenant",
    "insert": "writes rows into another tenant",
    "update": "changes rows of another tenant",
    "delete": "removes rows of another tenant",
    "move": "moves a row from one tenant into another",
    "upsert": "takes over a row of another tenant by inserting its key",
    "link": "lets a row of their own refer to a row of another tenant",
    "assign": "writes a row in the name of another person",
    "escalate": "gives themselves a stronger role",
    "call": "is told, or changes, what belongs to another tenant",
    "influence": "reads something that changes when another tenant adds rows",
}
_FIXES: Final[dict[Verb, str]] = {
    "select": "Let the policy for select compare the tenant with those of auth.uid().",
    "insert": "Give the policy for insert a WITH CHECK on the tenant, or revoke insert.",
    "update": "Give the policy for update a USING on the tenant, or revoke update.",
    "delete": "Give the policy for delete a USING on the tenant, or revoke delete.",
    "move": "Let USING and WITH CHECK of the policy for update both compare the tenant.",
    "upsert": "Let the policy for update compare the tenant of the row that is there.",
    "link": "Put the tenant into the foreign key, or let WITH CHECK look at the row referred to.",
    "assign": "Let WITH CHECK compare the column with auth.uid(), or set it in a trigger.",
    "escalate": "Let only those who may give roles change the table of members.",
    "call": "Let the function compare the tenant with those of auth.uid(), or run as its invoker.",
    "influence": "Let what is counted be the caller's own rows: security_invoker, or a condition.",
}
_LOWER_WORDS: Final = "a role that may only look"
_NAMES: Final[dict[ActorName, str]] = {
    "owner": "The owner",
    "other organisation": "A member of another organisation",
    "lower role": "A member in the weakest role",
    "former member": "A former member",
    "without organisation": "A person without organisation",
    "anonymous": "Anybody, without signing in,",
}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Cell(_Part):
    """What one actor achieved with one verb at one relation."""

    relation: str
    verb: Verb
    actor: ActorName
    outcome: Outcome


class Attack(_Part):
    """The result of an attack.

    Attributes:
        tenants: The table of the tenants; None where every person is one.
        members: The table that says who belongs to which.
        relations: How many tables, views, functions, buckets and topics were attacked.
        statements: How many statements were tried.
        duration_seconds: How long it took.
        cells: Every actor and verb at every relation.
        report: What must be mended.
    """

    tenants: str | None
    members: str | None
    relations: int
    statements: int
    duration_seconds: float
    cells: tuple[Cell, ...]
    report: Report = Report()

    def as_table(self) -> str:
        """Return the matrix for a terminal: a row for each relation, a column for each actor."""
        rows = [["", *ACTORS], *self._rows()]
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
        counts = f"{self.relations} relations, {self.statements} statements"
        return "\n".join([*lines, "", f"{counts}, {self.duration_seconds:.1f} s."])

    def _rows(self) -> Iterator[list[str]]:
        for relation in dict.fromkeys(cell.relation for cell in self.cells):
            own = [cell for cell in self.cells if cell.relation == relation]
            yield [relation, *(_summary(own, actor) for actor in ACTORS)]


def _summary(cells: Iterable[Cell], actor: ActorName) -> str:
    outcomes = {cell.verb: cell.outcome for cell in cells if cell.actor == actor}
    if not outcomes:
        return "-"
    if actor == "owner":
        return "sees" if outcomes.get("select") == "reached" else "sees nothing"
    reached = [verb.upper() for verb, outcome in outcomes.items() if outcome == "reached"]
    undecided = [f"{verb}?" for verb, outcome in outcomes.items() if outcome == "undecided"]
    return " ".join([*reached, *undecided]) or "safe"


def leak(cell: Cell, how: str = "") -> Finding:
    """Return the finding of a cell that was reached, or that stayed undecided."""
    if cell.outcome == "undecided":
        return finding(
            "isolation-undecided",
            "error",
            cell.relation,
            f"{_NAMES[cell.actor]} tried to {cell.verb}, and Postgres did not end in time.",
            "Run the attack on a smaller or less busy database.",
            subject=f"{cell.verb} {cell.actor}",
        )
    words = _WORDS[cell.verb]
    if cell.actor == "lower role":
        words = words.replace("another tenant", f"the organisation with {_LOWER_WORDS}")
    return finding(
        f"isolation-{cell.verb}",
        "error",
        cell.relation,
        f"{_NAMES[cell.actor]} {words}{how}.",
        _FIXES[cell.verb],
        subject=cell.actor,
    )


def finding(
    rule: str, severity: Severity, relation: str, message: str, fix: str, subject: str = ""
) -> Finding:
    """Return a finding at a relation."""
    place = Place(name=relation)
    return Finding(
        rule=rule, severity=severity, place=place, message=message, fix=fix, subject=subject
    )
