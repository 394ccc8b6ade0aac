"""Who takes the mail: an SMTP server, or a folder of the data directory."""

from email.message import EmailMessage
from typing import Protocol

from lockstitch.errors import ConfigurationError
from lockstitch.identity.mail.folder import MailFolder
from lockstitch.identity.mail.letter import read_sender
from lockstitch.identity.mail.smtp import SmtpServer
from lockstitch.settings import Settings


class Carrier(Protocol):
    """Takes messages."""

    async def send(self, message: EmailMessage) -> None:
        """Take one message, or raise."""


def make_carrier(settings: Settings) -> SmtpServer | MailFolder:
    """Return who takes the mail, by the settings.

    Raises:
        ConfigurationError: The settings do not fit together.
    """
    read_sender(settings.mail_from)
    if not settings.sends_mail:
        if settings.require_verified_email and not settings.is_private:
            raise ConfigurationError(
                "LOCKSTITCH_REQUIRE_VERIFIED_EMAIL needs a mail server, or nobody could confirm an "
                "address. Set LOCKSTITCH_SMTP_URL."
            )
        return mail_folder(settings)
    server = SmtpServer.read(settings.smtp_url.get_secret_value() if settings.smtp_url else "")
    if read_sender(settings.mail_from).domain == "localhost":
        raise ConfigurationError(
            "LOCKSTITCH_MAIL_FROM must be an address of yours when LOCKSTITCH_SMTP_URL is set."
        )
    if settings.public_url is None and not settings.is_private:
        raise ConfigurationError(
            "LOCKSTITCH_PUBLIC_URL must say at which address people open the console, such as "
            "https://app.example.com: the links in mail lead there."
        )
    return server


def mail_folder(settings: Settings) -> MailFolder:
    """Return the folder in which mail is kept while there is no server."""
    return MailFolder(settings.data / "outbox")
