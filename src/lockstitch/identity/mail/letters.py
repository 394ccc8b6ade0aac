"""What the letters say."""

from datetime import datetime
from urllib.parse import quote

from lockstitch.identity.mail.letter import Letter, Link

_NOT_YOU = "If you did not ask for this, you need not do anything."


def confirmation(address: str, email: str, token: str, *, changes: bool) -> Letter:
    """Return the letter that asks whether an address is the person's."""
    cause = "You have asked for another e-mail address." if changes else "Welcome to Lockstitch."
    return Letter(
        "Confirm your e-mail address",
        (f"{cause} Please confirm that {email} is yours.",),
        Link("Confirm the address", _page(address, "confirm-email", token)),
        ("The link works once, for 24 hours.", _NOT_YOU),
    )


def password_reset(address: str, email: str, token: str) -> Letter:
    """Return the letter with which a person chooses a new password."""
    return Letter(
        "Choose a new password",
        (f"Somebody, probably you, has asked for a new password for {email}.",),
        Link("Choose a new password", _page(address, "reset-password", token)),
        (
            "The link works once, for one hour. It ends every session of the account.",
            "If you did not ask for this, your password stays as it is.",
        ),
    )


def invitation(
    address: str, token: str, *, organisation: str, role: str, inviter: str, until: datetime
) -> Letter:
    """Return the letter that asks somebody to join an organisation."""
    return Letter(
        f"Join {organisation}",
        (f"{inviter} has invited you to join {organisation} as {role}.",),
        Link("Open the invitation", _page(address, "invitation", token)),
        (
            f"It works once, for this address, until {until:%d %B %Y}.",
            "If you do not know them, you need not do anything.",
        ),
    )


def password_changed(address: str, email: str) -> Letter:
    """Return the letter that tells of a new password."""
    return Letter(
        "Your password was changed",
        (f"The password for {email} was changed, and every other session has ended.",),
        Link("That was not me: choose a new password", f"{address}/forgot-password/"),
    )


def email_changed(email: str, new_email: str) -> Letter:
    """Return the letter that tells the old address of the new one."""
    return Letter(
        "Your e-mail address was changed",
        (
            f"The account of {email} now has the address {new_email}. You sign in with that one.",
            "If that was not you, tell whoever runs this service.",
        ),
    )


def _page(address: str, page: str, token: str) -> str:
    # Behind `#` it is in no request, so in no log and no Referer.
    return f"{address}/{page}/#token={quote(token, safe='')}"
