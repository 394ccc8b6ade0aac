"""One migration, held against what a hosted project takes."""

from collections.abc import Iterator

from lockstitch.database.hosted.dynamic import UNKNOWN
from lockstitch.database.hosted.objects import judge_objects
from lockstitch.database.hosted.parser import Unreadable
from lockstitch.database.hosted.principals import judge_principals
from lockstitch.database.hosted.reading import read_nodes
from lockstitch.database.hosted.rules import UNREADABLE, Objection
from lockstitch.findings import Finding, Place


def judge_migration(text: str, file: str) -> Iterator[Finding]:
    """Yield what a hosted project of Supabase would refuse, statement by statement.

    Nothing is run. Bodies of functions in SQL and PL/pgSQL are read, too, and texts that they
    execute as far as they are written there.

    Args:
        text: The SQL.
        file: What findings call it.
    """
    told: set[tuple[str, str, int]] = set()
    try:
        for node in read_nodes(text):
            for one in (*judge_objects(node), *judge_principals(node)):
                key = (one.rule.id, one.subject, node.line)
                if key not in told:
                    told.add(key)
                    yield _finding(one, file, node.line)
    except Unreadable as error:
        yield Finding(
            rule=UNREADABLE.id,
            severity="error",
            place=Place(file=file, line=error.line),
            message=f"Postgres cannot read this: {error.reason}.",
            fix="Correct the statement.",
        )


def _finding(one: Objection, file: str, line: int) -> Finding:
    return Finding(
        rule=one.rule.id,
        severity=one.severity,
        place=Place(file=file, line=line),
        message=one.message.replace(UNKNOWN, "…"),
        fix=one.fix,
        subject=one.subject.replace(UNKNOWN, "…"),
    )
