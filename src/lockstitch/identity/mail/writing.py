"""Writing a letter when it is sent: only then are its token and what it says made."""

from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from lockstitch.database.session import AUTH_ADMIN, SERVER, Database, become
from lockstitch.identity.email_tokens import issue_token
from lockstitch.identity.mail import letters
from lockstitch.identity.mail.letter import Letter

LetterName = Literal[
    "confirmation", "email-changed", "invitation", "password-changed", "password-reset"
]

_TO_CONFIRM: Final = """
select id, email_change = %(recipient)s as changes from auth.users
where id = %(person_id)s and deleted_at is null
and (email_change = %(recipient)s or email = %(recipient)s and email_confirmed_at is null)
"""
_HOLDER: Final = """
select id from auth.users
where email = %s and not is_sso_user and deleted_at is null
and (banned_until is null or banned_until <= now())
"""


async def write_letter(
    database: Database, address: str, name: LetterName, recipient: str, about: dict[str, Any]
) -> Letter | None:
    """Return a letter, or None when there is nothing to write any more, or never was.

    Args:
        database: Where accounts and tokens are.
        address: Where people open the console.
        name: Which letter.
        recipient: The address it goes to.
        about: What it is about.
    """
    match name:
        case "confirmation":
            return await _confirmation(database, address, recipient, UUID(about["person_id"]))
        case "password-reset":
            return await _password_reset(database, address, recipient)
        case "invitation":
            until = datetime.fromisoformat(about["until"])
            return letters.invitation(address, **{**about, "until": until})
        case "password-changed":
            return letters.password_changed(address, recipient)
        case "email-changed":
            return letters.email_changed(recipient, about["new_email"])


async def _confirmation(
    database: Database, address: str, recipient: str, person_id: UUID
) -> Letter | None:
    async with database.transaction(AUTH_ADMIN) as connection:
        values = {"person_id": person_id, "recipient": recipient}
        row = await (await connection.execute(_TO_CONFIRM, values)).fetchone()
        if row is None:
            return None
        await become(connection, SERVER)
        token = await issue_token(connection, "confirm", person_id, recipient)
    return letters.confirmation(address, recipient, token, changes=bool(row["changes"]))


async def _password_reset(database: Database, address: str, recipient: str) -> Letter | None:
    """Look for the account only now: the request for the letter takes as long without one."""
    async with database.transaction(AUTH_ADMIN) as connection:
        row = await (await connection.execute(_HOLDER, (recipient,))).fetchone()
        if row is None:
            return None
        await become(connection, SERVER)
        token = await issue_token(connection, "reset", row["id"], recipient)
    return letters.password_reset(address, recipient, token)
