"""A letter: a few paragraphs and one link, as plain text and as simple HTML."""

from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, localtime, make_msgid, parseaddr
from html import escape

from lockstitch.errors import ConfigurationError

_HTML = """\
<!doctype html>
<html lang="en">
<body style="margin:0;padding:24px;font:16px/24px system-ui,sans-serif;color:#171717">
<div style="max-width:560px">
{body}
</div>
</body>
</html>
"""
_PARAGRAPH = '<p style="margin:0 0 16px">{text}</p>'
_BUTTON = (
    '<p style="margin:0 0 16px"><a href="{url}" style="display:inline-block;padding:10px 16px;'
    'border-radius:8px;background:#171717;color:#ffffff;text-decoration:none">{words}</a></p>'
)
_ADDRESS = '<p style="margin:0 0 16px;font-size:13px;word-break:break-all">{url}</p>'


class Undeliverable(Exception):
    """No server will ever take this message; trying again is no use. It names no address."""


@dataclass(frozen=True, slots=True)
class Link:
    """Where a letter leads."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What a letter says."""

    subject: str
    before: tuple[str, ...]
    link: Link | None = None
    after: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The letter as plain text."""
        link = (f"{self.link.words}:\n{self.link.url}",) if self.link else ()
        return "\n\n".join((*self.before, *link, *self.after)) + "\n"

    @property
    def html(self) -> str:
        """The letter as HTML that every mail program shows; it loads nothing."""
        parts = [_PARAGRAPH.format(text=escape(one)) for one in self.before]
        if self.link is not None:
            url = escape(self.link.url)
            parts += [_BUTTON.format(url=url, words=escape(self.link.words))]
            parts += [_ADDRESS.format(url=url)]
        parts += [_PARAGRAPH.format(text=escape(one)) for one in self.after]
        return _HTML.format(body="\n".join(parts))


def make_message(letter: Letter, *, sender: str, recipient: str) -> EmailMessage:
    """Return the letter as a message to one address.

    Raises:
        Undeliverable: The recipient is not one address, or the subject not one line.
    """
    message = EmailMessage()
    message["From"] = read_sender(sender)
    message["To"] = one_address(recipient)
    if not letter.subject.isprintable():
        raise Undeliverable("the subject is not one line")
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(localtime())
    message["Message-ID"] = make_msgid(domain=read_sender(sender).domain)
    # No holiday notices in return, please.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


def read_sender(sender: str) -> Address:
    """Return the sender's name and address.

    Raises:
        ConfigurationError: It is none.
    """
    name, address = parseaddr(sender)
    try:
        return Address(name, addr_spec=address)
    except (MessageError, ValueError, IndexError):
        raise ConfigurationError(
            f"LOCKSTITCH_MAIL_FROM is no address: {sender!r}. "
            "Write one, such as Lockstitch <no-reply@example.com>."
        ) from None


def one_address(text: str) -> Address:
    """Return an address that is one, and has no name beside it.

    Raises:
        Undeliverable: It is not.
    """
    try:
        address = Address(addr_spec=text)
    except (MessageError, ValueError, IndexError):
        raise Undeliverable("not one address") from None
    if not address.username or not address.domain:
        raise Undeliverable("not one address")
    return address
