"""Which certificates a service answers with, and how it takes a renewed one."""

import socket
import ssl
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from certificates import Pair, make_pair
from listening_application import listening_application
from starlette.types import Receive, Scope, Send

from lockstitch.api.certificate import Certificate
from lockstitch.errors import CertificateRefused


def garbage(pair: Pair) -> None:
    pair.certificate.write_text("nothing")


def no_key(pair: Pair) -> None:
    pair.key.write_text("nothing")


def missing(pair: Pair) -> None:
    pair.certificate.unlink()


def missing_key(pair: Pair) -> None:
    pair.key.unlink()


def another_key(pair: Pair) -> None:
    (pair.key.parent / "other").mkdir()
    pair.key.write_bytes(make_pair(pair.key.parent / "other").key.read_bytes())


def open_key(pair: Pair) -> None:
    pair.key.chmod(0o644)


def folder(pair: Pair) -> None:
    pair.certificate.unlink()
    pair.certificate.mkdir()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (garbage, r"cert\.pem holds no certificate in PEM"),
        (no_key, r"key\.pem holds no private key"),
        (missing, r"cert\.pem cannot be read: No such file"),
        (missing_key, r"key\.pem cannot be read: No such file"),
        (folder, r"cert\.pem cannot be read: Is a directory"),
        (another_key, r"key\.pem is not the key of .*cert\.pem"),
        (open_key, r"Others can read .*key\.pem \(mode 644\)\. Run: chmod 600"),
    ],
)
def test_a_pair_that_cannot_be_used_is_named(
    tmp_path: Path, spoil: Callable[[Pair], None], says: str
) -> None:
    pair = make_pair(tmp_path)
    spoil(pair)

    with pytest.raises(CertificateRefused, match=says):
        Certificate(pair.certificate, pair.key)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"ends": timedelta(seconds=-1)}, "has expired at"),
        ({"begins": timedelta(days=1)}, "is valid from"),
        ({"passphrase": b"secret"}, "is encrypted"),
        ({"weak": True}, "cannot be used: .*TOO_SMALL"),
    ],
)
def test_a_certificate_that_browsers_would_refuse_is_refused(
    tmp_path: Path, options: dict[str, object], says: str
) -> None:
    pair = make_pair(tmp_path, **options)

    with pytest.raises(CertificateRefused, match=says):
        Certificate(pair.certificate, pair.key)


async def silent(scope: Scope, receive: Receive, send: Send) -> None:
    assert scope["type"] == "lifespan"
    raise NotImplementedError


def shown_by(port: int, *, most: ssl.TLSVersion | None = None) -> tuple[bytes, str]:
    """Return the certificate that a server shows, and the version of TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if most is not None:
        context.maximum_version = most
        context.set_ciphers("ALL:@SECLEVEL=0")
    with (
        socket.create_connection(("127.0.0.1", port), timeout=30) as connection,
        context.wrap_socket(connection) as wrapped,
    ):
        return wrapped.getpeercert(binary_form=True) or b"", str(wrapped.version())


@pytest.mark.parametrize("loop", ["uvloop", "asyncio"])
def test_a_renewed_certificate_is_taken_without_a_restart_and_half_of_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loop: str
) -> None:
    monkeypatch.setattr("lockstitch.api.certificate._LOOK_SECONDS", 0)
    pair = make_pair(tmp_path)
    (tmp_path / "next").mkdir()
    renewed = make_pair(tmp_path / "next")
    certificate = Certificate(pair.certificate, pair.key)
    with listening_application(silent, loop=loop, tls=certificate.context) as port:
        first, version = shown_by(port)
        assert version == "TLSv1.3"

        renewed.certificate.replace(pair.certificate)
        # The key is not there yet: the pair before is still good.
        assert shown_by(port)[0] == first
        renewed.key.replace(pair.key)
        assert shown_by(port)[0] != first


def test_nothing_older_than_tls_1_2_is_spoken(tmp_path: Path) -> None:
    pair = make_pair(tmp_path)
    certificate = Certificate(pair.certificate, pair.key)
    with listening_application(silent, tls=certificate.context) as port:
        assert shown_by(port, most=ssl.TLSVersion.TLSv1_2)[1] == "TLSv1.2"
        with (
            pytest.warns(DeprecationWarning, match="TLSv1_1"),
            pytest.raises((ssl.SSLError, OSError)),
        ):
            shown_by(port, most=ssl.TLSVersion.TLSv1_1)
