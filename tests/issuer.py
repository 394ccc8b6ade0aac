"""A token issuer as a real HTTP server, and tokens: its own, and such as an attacker would make."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

AUDIENCE = "the-api"

Claims = dict[str, Any]


@dataclass
class SigningKey:
    """A private key with a name, for one algorithm."""

    algorithm: str
    name: str = field(default_factory=lambda: uuid4().hex)
    private: Any = None

    def __post_init__(self) -> None:
        if self.private is None:
            self.private = _generated(self.algorithm)

    def public(self) -> dict[str, Any]:
        """Return the JWK that the issuer lists."""
        kind = {"R": RSAAlgorithm, "P": RSAAlgorithm, "E": ECAlgorithm}[self.algorithm[0]]
        if self.algorithm == "EdDSA":
            kind = OKPAlgorithm
        jwk = kind.to_jwk(self.private.public_key(), as_dict=True)
        return {**jwk, "kid": self.name, "use": "sig", "alg": self.algorithm}

    def pem(self) -> bytes:
        """Return the public key as many services print it."""
        return self.private.public_key().public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        )

    def sign(self, claims: Claims, **header: Any) -> str:
        """Return a token; members of the header that are None are left out."""
        headers = {"kid": self.name, **header}
        given = {name: value for name, value in headers.items() if value is not None}
        return jwt.encode(claims, self.private, self.algorithm, headers=given)


def _generated(algorithm: str) -> Any:
    if algorithm[0] in "RP":
        return rsa.generate_private_key(65537, 2048)
    if algorithm == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    curve = {"ES256": ec.SECP256R1, "ES384": ec.SECP384R1, "ES512": ec.SECP521R1}[algorithm]
    return ec.generate_private_key(curve())


@dataclass
class Issuer:
    """A server with a discovery document and a key set; counts who asks for what."""

    keys: list[SigningKey]
    path: str = ""
    url: str = ""
    asked: list[str] = field(default_factory=list)
    # What is answered instead of the key set: status, headers, body.
    instead: tuple[int, dict[str, str], bytes] | None = None
    discovery: dict[str, Any] = field(default_factory=dict)
    pause_seconds: float = 0.0
    # Somebody has asked for the key set.
    arrived: threading.Event = field(default_factory=threading.Event)

    @property
    def issuer(self) -> str:
        return f"{self.url}{self.path}"

    @property
    def key_fetches(self) -> int:
        return sum(path.endswith("/jwks.json") for path in self.asked)

    def claims(self, subject: str, **changes: Any) -> Claims:
        """Return the claims of a good token; changes that are None are left out."""
        now = int(time.time())
        good = {
            "iss": self.issuer,
            "aud": AUDIENCE,
            "sub": subject,
            "iat": now,
            "exp": now + 600,
            **changes,
        }
        return {name: value for name, value in good.items() if value is not None}

    def token(self, subject: str, **changes: Any) -> str:
        """Return a token that is signed with the first key."""
        return self.keys[0].sign(self.claims(subject, **changes))

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        self.asked.append(path)
        if path.endswith("/.well-known/openid-configuration"):
            jwks = f"{self.issuer}/.well-known/jwks.json"
            document = {"issuer": self.issuer, "jwks_uri": jwks, **self.discovery}
            return 200, {}, json.dumps(document).encode()
        self.arrived.set()
        time.sleep(self.pause_seconds)
        if self.instead is not None:
            return self.instead
        listed = {"keys": [key.public() for key in self.keys]}
        return 200, {"content-type": "application/json"}, json.dumps(listed).encode()


@contextmanager
def serving(issuer: Issuer) -> Iterator[Issuer]:
    """Let an issuer answer on a port of its own while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = issuer.answer(self.path)
            self.send_response(status)
            for name, value in {"content-length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    issuer.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield issuer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def segment(content: bytes | dict[str, Any]) -> str:
    """Return one part of a token, whatever it holds."""
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def by_hand(header: dict[str, Any] | bytes, claims: Claims | bytes, secret: bytes | None) -> str:
    """Return a token that no library would make, signed with HMAC-SHA256 or not at all."""
    signed = f"{segment(header)}.{segment(claims)}"
    if secret is None:
        return f"{signed}."
    return f"{signed}.{segment(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"
