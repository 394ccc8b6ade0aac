"""The rules for migrations that a hosted project of Supabase has to take."""

from dataclasses import dataclass
from typing import Final

from lockstitch.findings import Rule
from lockstitch.findings.finding import Severity

SCHEMA: Final = Rule(
    "hosted-schema",
    "A migration makes, changes or drops something in a schema that belongs to Supabase.",
    "Auth, Storage and Realtime own the schemas of their names. The role postgres, which runs "
    "migrations, may add policies, triggers and foreign keys there and nothing else.",
)
ROWS: Final = Rule(
    "hosted-rows",
    "A migration, or a function in it, writes rows that only a service of Supabase may write.",
    "An account without its identity cannot sign in, and an object without its file cannot be "
    "downloaded.",
)
ROLE: Final = Rule(
    "hosted-role",
    "A migration changes, grants or takes a role that is reserved on Supabase.",
)
SUPERUSER: Final = Rule(
    "hosted-superuser",
    "A migration needs a superuser, and the role postgres of Supabase is none.",
)
EXTENSION: Final = Rule(
    "hosted-extension", "A migration wants an extension that Supabase does not offer."
)
UNREADABLE: Final = Rule("migration-unreadable", "A migration is not SQL of Postgres.")

RULES: Final = (SCHEMA, ROWS, ROLE, SUPERUSER, EXTENSION, UNREADABLE)


@dataclass(frozen=True, slots=True)
class Objection:
    """What is wrong with one statement.

    Attributes:
        subject: What it is about, in words that stay when lines move.
    """

    rule: Rule
    subject: str
    message: str
    fix: str
    severity: Severity = "error"
