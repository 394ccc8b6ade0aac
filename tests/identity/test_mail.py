"""Mail: letters as people and programs see them, real SMTP with TLS, and nothing is lost."""

import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from mail_server import PASSWORD, USER, mail_server, make_certificate
from pydantic import SecretStr
from structlog.testing import capture_logs

from lockstitch import Settings
from lockstitch.api.listener import free_port
from lockstitch.database.session import SERVER, Database
from lockstitch.errors import ConfigurationError
from lockstitch.identity.mail import letters
from lockstitch.identity.mail.carrier import make_carrier
from lockstitch.identity.mail.folder import MailFolder
from lockstitch.identity.mail.letter import Undeliverable, make_message
from lockstitch.identity.mail.outbox import Outbox
from lockstitch.identity.mail.smtp import SmtpServer

FROM = "Lockstitch <no-reply@example.com>"
TO = "ada@example.com"
CREDENTIALS = f"{USER}:{quote(PASSWORD, safe='')}@"
ABOUT = {
    "token": "t0ken",
    "organisation": "Alder",
    "role": "member",
    "inviter": "bob@example.com",
    "until": "2026-12-01T00:00:00+00:00",
}


def letter(organisation: str = "Alder") -> Any:
    until = datetime(2026, 12, 1, tzinfo=UTC)
    return letters.invitation(
        "https://app.example.com",
        "t0ken",
        organisation=organisation,
        role="member",
        inviter="bob@example.com",
        until=until,
    )


async def send(url: str) -> None:
    await SmtpServer.read(url).send(make_message(letter(), sender=FROM, recipient=TO))


def test_a_letter_is_plain_text_and_html_that_loads_nothing() -> None:
    message = make_message(letter("<script>Alder</script>"), sender=FROM, recipient=TO)
    text, html = [part.get_content() for part in message.iter_parts()]

    assert [part.get_content_type() for part in message.iter_parts()] == [
        "text/plain",
        "text/html",
    ]
    assert "https://app.example.com/invitation/#token=t0ken" in text
    assert 'href="https://app.example.com/invitation/#token=t0ken"' in html
    assert "<script>" not in html
    assert "src=" not in html
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@example.com>")


@pytest.mark.parametrize(
    "recipient", ["", "a", "a,b@x.example", "a@x.example,b", "a>b@x.example", "a b@x.example"]
)
def test_what_is_not_one_address_gets_no_mail(recipient: str) -> None:
    with pytest.raises(Undeliverable, match="not one address"):
        make_message(letter(), sender=FROM, recipient=recipient)


def test_a_name_cannot_add_a_header() -> None:
    with pytest.raises(Undeliverable, match="not one line"):
        make_message(letter("Alder\r\nBcc: all@example.com"), sender=FROM, recipient=TO)


@pytest.mark.parametrize(("scheme", "from_start"), [("smtp", False), ("smtps", True)])
async def test_mail_goes_by_tls_with_a_sign_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str, from_start: bool
) -> None:
    certificate = make_certificate(tmp_path / "server.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with mail_server(certificate, tls_from_start=from_start) as server:
        await send(f"{scheme}://{CREDENTIALS}127.0.0.1:{server.port}")

    assert server.recipients == [TO]
    assert server.encrypted == server.signed_in == [True]
    assert str(server.messages[0]["From"]) == FROM


@pytest.mark.parametrize(("scheme", "from_start"), [("smtp", False), ("smtps", True)])
async def test_a_server_that_cannot_prove_who_it_is_gets_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str, from_start: bool
) -> None:
    certificate = make_certificate(tmp_path / "server.pem")
    other = make_certificate(tmp_path / "other.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    with (
        mail_server(certificate, tls_from_start=from_start) as server,
        pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        await send(f"{scheme}://{CREDENTIALS}127.0.0.1:{server.port}")

    assert server.messages == []


async def test_a_server_without_tls_gets_nothing_unless_that_was_asked_for() -> None:
    with mail_server() as server:
        with pytest.raises(OSError, match="STARTTLS"):
            await send(f"smtp://127.0.0.1:{server.port}")
        await send(f"smtp+plain://127.0.0.1:{server.port}")

    assert server.recipients == [TO]


async def test_a_refusal_for_good_is_told_from_one_for_now() -> None:
    with mail_server() as server:
        server.answers = ["550 nobody here", "451 later"]
        url = f"smtp+plain://127.0.0.1:{server.port}"
        with pytest.raises(Undeliverable):
            await send(url)
        with pytest.raises(OSError, match="451"):
            await send(url)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"smtp_url": "http://user:hunter22@host"}, "no address of a mail server"),
        ({"smtp_url": "smtps://user:hunter22@host:port"}, "no address"),
        ({"smtp_url": "smtps://"}, "no address of a mail server"),
        ({"smtp_url": "smtps://hunter22@mail.example.com"}, "only one of user and password"),
        ({"smtp_url": "smtp+plain://mail.example.com"}, "for this machine alone"),
        ({"smtp_url": "smtps://mail.example.com"}, "MAIL_FROM must be an address of yours"),
        ({"mail_from": "nobody"}, "MAIL_FROM is no address"),
        (
            {"smtp_url": "smtps://mail.example.com", "mail_from": FROM, "host": "0.0.0.0"},
            "PUBLIC_URL",
        ),
        ({"require_verified_email": True, "host": "0.0.0.0"}, "needs a mail server"),
    ],
)
def test_settings_that_do_not_fit_stop_the_start_and_are_not_repeated(
    changes: dict[str, Any], says: str
) -> None:
    with pytest.raises(ConfigurationError, match=says) as caught:
        make_carrier(Settings(**changes))

    assert "hunter22" not in str(caught.value)


def test_people_must_confirm_their_address_where_mail_is_sent_and_others_come() -> None:
    smtp = {"smtp_url": SecretStr("smtps://mail.example.com"), "mail_from": FROM}
    public = {"host": "0.0.0.0", "public_url": "https://app.example.com/"}

    assert not Settings().needs_verified_email
    assert not Settings(**smtp).needs_verified_email
    assert not Settings(**public).needs_verified_email
    assert Settings(**smtp, **public).needs_verified_email
    assert not Settings(**smtp, **public, require_verified_email=False).needs_verified_email
    assert Settings(**public).origin == "https://app.example.com"


@pytest.mark.parametrize(
    "url", ["app.example.com", "ftp://x.example", "https://x.example/app", "https://u:p@x.example"]
)
def test_a_public_address_is_an_origin(url: str) -> None:
    with pytest.raises(ConfigurationError, match="LOCKSTITCH_PUBLIC_URL"):
        Settings.load(public_url=url)


async def test_kept_mail_is_for_its_owner_alone_and_read_newest_first(tmp_path: Path) -> None:
    folder = MailFolder(tmp_path / "outbox")
    assert await folder.latest(5) == []
    for name in ("First", "Second", "Third"):
        await folder.send(make_message(letter(name), sender=FROM, recipient=TO))

    kept = await folder.latest(2)

    assert [one.subject for one in kept] == ["Join Third", "Join Second"]
    assert "#token=t0ken" in kept[0].text
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.folder.iterdir()}
    assert (modes, stat.S_IMODE(folder.folder.stat().st_mode)) == ({0o600}, 0o700)


@pytest.fixture
def smtp_settings() -> Settings:
    port = free_port()
    url = SecretStr(f"smtp+plain://127.0.0.1:{port}")
    return Settings(smtp_url=url, mail_from=FROM)


def server_of(settings: Settings) -> Any:
    assert settings.smtp_url is not None
    return mail_server(port=int(settings.smtp_url.get_secret_value().rpartition(":")[2]))


async def put(database: Database, outbox: Outbox, recipient: str = TO) -> None:
    async with database.transaction(SERVER) as connection:
        await outbox.put(connection, "invitation", recipient, **ABOUT)


def rows(owner_dsn: str, *, due: bool = False) -> list[dict[str, Any]]:
    with psycopg.connect(owner_dsn, row_factory=psycopg.rows.dict_row) as connection:
        if due:
            connection.execute("update private.mails set next_attempt_at = now()")
        return connection.execute("select * from private.mails order by created_at").fetchall()


async def test_mail_waits_for_its_server_and_is_sent_once(
    database: Database, owner_dsn: str, smtp_settings: Settings
) -> None:
    outbox = Outbox(database, smtp_settings, make_carrier(smtp_settings))
    await put(database, outbox)
    with capture_logs() as lines:
        assert await outbox.send_due() == 1
    assert await outbox.send_due() == 0, "not before the pause is over"
    [waiting] = rows(owner_dsn, due=True)

    with server_of(smtp_settings) as server:
        server.answers = ["451 later"]
        assert await outbox.send_due() == 1
        rows(owner_dsn, due=True)
        # Another process of the application, which has never seen this letter.
        other = Outbox(database, smtp_settings, make_carrier(smtp_settings))
        assert await other.send_due() == 1
        rows(owner_dsn, due=True)
        assert await outbox.send_due() == 0

    [sent] = rows(owner_dsn)
    assert (waiting["attempts"], waiting["last_error"]) == (1, "ConnectionRefusedError 111")
    assert server.recipients == [TO]
    assert (sent["attempts"], sent["sealed"], sent["last_error"]) == (3, None, None)
    assert sent["sent_at"] is not None
    assert [line["log_level"] for line in lines] == ["warning"]
    assert TO not in str(lines)


async def test_mail_that_nobody_takes_is_given_up_and_said_so(
    database: Database, owner_dsn: str, smtp_settings: Settings
) -> None:
    outbox = Outbox(database, smtp_settings, make_carrier(smtp_settings))
    await put(database, outbox)
    await put(database, outbox, "a,b@example.com")
    attempts = 0
    with capture_logs() as lines:
        while any(row["failed_at"] is None for row in rows(owner_dsn, due=True)):
            await outbox.send_due()
            attempts += 1

    unreachable, invalid = rows(owner_dsn)
    assert attempts == unreachable["attempts"] == 7
    assert invalid["attempts"] == 1
    errors = [line for line in lines if line["log_level"] == "error"]
    assert [line["mail"] for line in errors] == [str(invalid["id"]), str(unreachable["id"])]
    assert unreachable["sealed"] is None


async def test_a_refusal_for_good_is_not_tried_again(
    database: Database, owner_dsn: str, smtp_settings: Settings
) -> None:
    outbox = Outbox(database, smtp_settings, make_carrier(smtp_settings))
    await put(database, outbox)
    with server_of(smtp_settings) as server:
        server.answers = ["550 nobody here"]
        await outbox.send_due()

    [row] = rows(owner_dsn)
    assert (row["failed_at"] is not None, row["last_error"]) == (True, "refused with 550")


async def test_what_a_letter_is_about_cannot_be_read_in_the_database(
    database: Database, owner_dsn: str, smtp_settings: Settings
) -> None:
    outbox = Outbox(database, smtp_settings, make_carrier(smtp_settings))
    await put(database, outbox)
    changed = smtp_settings.model_copy(update={"secret_key": SecretStr("another")})

    [row] = rows(owner_dsn)
    await Outbox(database, changed, make_carrier(changed)).send_due()

    assert b"t0ken" not in bytes(row["sealed"])
    assert rows(owner_dsn)[0]["last_error"] == "the service's secret was changed since"


async def test_of_two_processes_one_sends_a_letter(
    database: Database, smtp_settings: Settings
) -> None:
    import asyncio

    carrier = make_carrier(smtp_settings)
    outboxes = [Outbox(database, smtp_settings, carrier) for _ in range(3)]
    for number in range(6):
        await put(database, outboxes[0], f"{number}@example.com")
    with server_of(smtp_settings) as server:
        counts = await asyncio.gather(*[outbox.send_due() for outbox in outboxes])

    assert sum(counts) == 6
    assert sorted(server.recipients) == [f"{number}@example.com" for number in range(6)]


async def test_mail_of_a_transaction_that_was_rolled_back_is_never_sent(
    database: Database, owner_dsn: str, smtp_settings: Settings
) -> None:
    outbox = Outbox(database, smtp_settings, make_carrier(smtp_settings))

    async def fail() -> None:
        async with database.transaction(SERVER) as connection:
            await outbox.put(connection, "invitation", TO, **ABOUT)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()

    assert rows(owner_dsn) == []
