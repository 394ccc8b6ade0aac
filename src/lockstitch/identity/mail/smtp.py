"""Sending mail by SMTP, over TLS."""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Final
from urllib.parse import unquote, urlsplit

from anyio import to_thread

from lockstitch.errors import ConfigurationError
from lockstitch.identity.mail.letter import Undeliverable, read_sender
from lockstitch.settings import LOOPBACK

_TIMEOUT_SECONDS: Final = 20.0
# How each scheme talks, and its usual port.
_PORTS: Final = {"smtps": 465, "smtp": 587, "smtp+plain": 25}
_PERMANENT: Final = 500
_HINT: Final = "Write smtps://USER:PASSWORD@HOST:465 or smtp://USER:PASSWORD@HOST:587."


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """A mail server that takes our messages.

    `smtps` is TLS from the start; `smtp` must become TLS before anything is said; `smtp+plain`
    has none and is for a server on this machine.
    """

    scheme: str
    host: str
    port: int
    user: str | None = None
    password: str | None = None

    @classmethod
    def read(cls, url: str) -> "SmtpServer":
        """Read the address of a mail server.

        Raises:
            ConfigurationError: It is none. The message never repeats it, since it holds a password.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise ConfigurationError(f"LOCKSTITCH_SMTP_URL is no address. {_HINT}") from None
        if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/"):
            raise ConfigurationError(f"LOCKSTITCH_SMTP_URL is no address of a mail server. {_HINT}")
        if parts.scheme == "smtp+plain" and parts.hostname not in LOOPBACK:
            raise ConfigurationError(
                "LOCKSTITCH_SMTP_URL: smtp+plain is without TLS and for this machine alone. "
                f"{_HINT}"
            )
        if (parts.username is None) != (parts.password is None):
            raise ConfigurationError(
                f"LOCKSTITCH_SMTP_URL has only one of user and password. {_HINT}"
            )
        return cls(
            scheme=parts.scheme,
            host=parts.hostname,
            port=port or _PORTS[parts.scheme],
            user=None if parts.username is None else unquote(parts.username),
            password=None if parts.password is None else unquote(parts.password),
        )

    async def send(self, message: EmailMessage) -> None:
        """Hand a message over.

        Raises:
            Undeliverable: The server refused the message for good.
            OSError: It could not be reached, or refused for now; `SMTPException` is one of these.
        """
        await to_thread.run_sync(self._send, message, abandon_on_cancel=True)

    def _send(self, message: EmailMessage) -> None:
        sender = read_sender(str(message["From"])).addr_spec
        recipient = message["To"].addresses[0].addr_spec
        with self._connect() as server:
            if self.user is not None and self.password is not None:
                server.login(self.user, self.password)
            try:
                server.send_message(message, sender, [recipient])
            except smtplib.SMTPRecipientsRefused as error:
                code, _ = error.recipients[recipient]
                raise _refusal(code, error) from error
            except smtplib.SMTPDataError as error:
                raise _refusal(error.smtp_code, error) from error

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.scheme == "smtps":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=_TIMEOUT_SECONDS, context=context)
        server = smtplib.SMTP(self.host, self.port, timeout=_TIMEOUT_SECONDS)
        if self.scheme == "smtp":
            try:
                server.starttls(context=context)
            except BaseException:
                server.close()
                raise
        return server


def _refusal(code: int, error: smtplib.SMTPException) -> Exception:
    return Undeliverable(f"refused with {code}") if code >= _PERMANENT else error
