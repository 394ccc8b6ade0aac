"""The certificate of a service that answers https itself, and its renewal without a restart."""

import os
import ssl
import stat
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import structlog
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from lockstitch.errors import CertificateRefused
from lockstitch.settings import Settings

_log = structlog.get_logger("lockstitch.certificate")

# Forward secrecy and authenticated encryption; TLS 1.3 has no others.
_CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"
_LOOK_SECONDS: Final = 1.0
_SOON: Final = timedelta(days=14)

Signature = tuple[tuple[int, int, int], ...]


class Certificate:
    """A certificate and its key in two files, as a TLS context that follows the files.

    Each handshake looks, once a second at most, whether the files have changed. A pair that cannot
    be used, such as a certificate whose new key is not written yet, is logged and leaves the one
    before in place.
    """

    def __init__(self, certificate: Path, key: Path) -> None:
        """Read both files.

        Raises:
            CertificateRefused: They cannot be used; the message names the file and the reason.
        """
        self._paths = (certificate, key)
        self._seen = self._signature()
        self._looked_at = time.monotonic()
        self.context = self._current = usable_context(certificate, key)
        self.context.sni_callback = self._choose

    @classmethod
    def of(cls, settings: Settings) -> "Certificate | None":
        """Return the configured certificate; None when the service does not end TLS.

        Raises:
            CertificateRefused: It cannot be used.
        """
        if settings.tls_cert is None or settings.tls_key is None:
            return None
        return cls(settings.tls_cert, settings.tls_key)

    def _choose(self, handshake: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> None:
        del name, context
        now = time.monotonic()
        if now - self._looked_at >= _LOOK_SECONDS:
            self._looked_at = now
            self._look()
        handshake.context = self._current

    def _look(self) -> None:
        found = self._signature()
        if found == self._seen:
            return
        self._seen = found
        try:
            self._current = usable_context(*self._paths)
        except CertificateRefused as error:
            _log.warning("the new certificate cannot be used yet", reason=error.sentence)
        else:
            _log.info("the certificate was renewed", certificate=str(self._paths[0]))

    def _signature(self) -> Signature:
        found = []
        for path in self._paths:
            try:
                facts = path.stat()
            except OSError:
                found.append((0, 0, 0))
            else:
                found.append((facts.st_mtime_ns, facts.st_ino, facts.st_size))
        return tuple(found)


def usable_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """Return a context of TLS 1.2 and later with a certificate that a browser would not refuse.

    Whether the certificate names this host and who signed it is left to browsers.

    Raises:
        CertificateRefused: A file cannot be read, others can read the key, the certificate is not
            valid now, or the two do not belong together.
    """
    chain = _read_chain(certificate)
    secret = _read_key(key)
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if chain[0].public_key().public_bytes(*form) != secret.public_key().public_bytes(*form):
        raise CertificateRefused(
            f"{key} is not the key of {certificate}. Give the two files that were made together."
        )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(certificate, key)
    except (ssl.SSLError, OSError) as error:
        raise CertificateRefused(f"{certificate} cannot be used: {error}.") from None
    return context


def _read_chain(path: Path) -> list[x509.Certificate]:
    try:
        chain = x509.load_pem_x509_certificates(_read(path))
    except ValueError:
        raise CertificateRefused(
            f"{path} holds no certificate in PEM. It begins with -----BEGIN CERTIFICATE-----."
        ) from None
    now = datetime.now(UTC)
    ends = chain[0].not_valid_after_utc
    if ends <= now:
        raise CertificateRefused(f"{path} has expired at {ends:%Y-%m-%d %H:%M} UTC. Renew it.")
    begins = chain[0].not_valid_before_utc
    if begins > now:
        raise CertificateRefused(
            f"{path} is valid from {begins:%Y-%m-%d %H:%M} UTC. Check the clock of this machine."
        )
    if ends - now < _SOON:
        _log.warning("the certificate expires soon", certificate=str(path), at=ends.isoformat())
    return chain


def _read_key(path: Path) -> PrivateKeyTypes:
    content = _read(path)
    facts = path.stat()
    # As Postgres has it: a key of root may be its group's too, where distributions keep keys.
    forbidden = 0o037 if facts.st_uid == 0 and os.geteuid() != 0 else 0o077
    mode = stat.S_IMODE(facts.st_mode)
    if mode & forbidden:
        raise CertificateRefused(f"Others can read {path} (mode {mode:o}). Run: chmod 600 {path}")
    try:
        return load_pem_private_key(content, None)
    except TypeError:
        raise CertificateRefused(
            f"{path} is encrypted. Decrypt it: openssl pkey -in {path} -out key.pem"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise CertificateRefused(f"{path} holds no private key in PEM.") from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CertificateRefused(f"{path} cannot be read: {error.strerror}.") from None
