"""Sign-in providers as real servers: a certified one, one in GitHub's shape, and one that lies."""

import base64
import hashlib
import json
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

ROOT = Path(__file__).parents[1]
NODE = Path(sys.executable).parent / "node"
SCRIPT = ROOT / "ts" / "e2e" / "sign-in-provider.mjs"

CLIENT_ID = "lockstitch"
CLIENT_SECRET = "the-secret-of-the-client"


@contextmanager
def certified_provider(redirect_uri: str, port: int) -> Iterator[str]:
    """Run the certified `oidc-provider` of npm while the block runs; yield its issuer."""
    installed = ROOT / "ts" / "node_modules" / "oidc-provider"
    assert installed.is_dir(), "oidc-provider is not installed. Run: make setup"
    command = [str(NODE), str(SCRIPT), redirect_uri, str(port), CLIENT_SECRET]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        issuer = process.stdout.readline().strip()
        assert issuer == f"http://127.0.0.1:{port}", "The provider did not start."
        yield issuer
        # It ends with its standard input.
        process.stdin.close()


@dataclass
class PlainOAuth:
    """A server in the shape of GitHub's: OAuth 2 with PKCE, /user and /user/emails.

    As an OpenID provider it signs whatever `id_token` returns for a nonce.
    """

    url: str = ""
    person: dict[str, Any] = field(default_factory=lambda: {"id": 583231, "login": "octocat"})
    addresses: list[dict[str, Any]] = field(default_factory=list)
    id_token: Any = None
    user_info: dict[str, Any] = field(default_factory=dict)
    discovery: dict[str, Any] = field(default_factory=dict)
    keys: list[dict[str, Any]] = field(default_factory=list)
    # Instead of an answer to the exchange of a code.
    instead: tuple[int, dict[str, Any]] | None = None
    granted: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)

    def authorize(self, query: dict[str, str]) -> str:
        """Return where to send the browser back, as if the person had agreed."""
        assert query["client_id"] == CLIENT_ID
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe()
        self.granted[code] = query
        back = {"code": code, "state": query["state"]}
        return f"{query['redirect_uri']}?{urlencode(back)}"

    def exchange(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        if self.instead is not None:
            return self.instead
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if form.get("client_secret") != CLIENT_SECRET and authorization != f"Basic {basic}":
            return 401, {"error": "invalid_client"}
        granted = self.granted.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if granted is None or granted["code_challenge"] != challenge:
            # As GitHub does: with status 200.
            return 200, {"error": "bad_verification_code"}
        token = secrets.token_urlsafe()
        self.tokens.add(token)
        answer = {"access_token": token, "token_type": "bearer", "scope": "user:email"}
        if self.id_token is not None:
            answer["id_token"] = self.id_token(granted["nonce"])
        return 200, answer

    def resource(self, path: str) -> Any:
        return {
            "/api/v3/user": self.person,
            "/api/v3/user/emails": self.addresses,
            "/user-info": self.user_info,
        }[path]

    def public(self, path: str) -> Any:
        if path == "/keys":
            return {"keys": self.keys}
        assert path == "/.well-known/openid-configuration", path
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/login/oauth/authorize",
            "token_endpoint": f"{self.url}/login/oauth/access_token",
            "userinfo_endpoint": f"{self.url}/user-info",
            "jwks_uri": f"{self.url}/keys",
            **self.discovery,
        }


@contextmanager
def plain_oauth() -> Iterator[PlainOAuth]:
    """Let such a server answer on a port of its own while the block runs."""
    oauth = PlainOAuth()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/login/oauth/authorize":
                self._answer(302, {}, location=oauth.authorize(dict(parse_qsl(parts.query))))
                return
            if parts.path.startswith(("/api/", "/user-info")):
                scheme, _, token = self.headers.get("authorization", "").partition(" ")
                known = scheme.lower() == "bearer" and token in oauth.tokens
                self._answer(200 if known else 401, oauth.resource(parts.path) if known else {})
                return
            self._answer(200, oauth.public(parts.path))

        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", 0))
            form = dict(parse_qsl(self.rfile.read(length).decode()))
            self._answer(*oauth.exchange(form, self.headers.get("authorization", "")))

        def _answer(self, status: int, document: Any, **headers: str) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            for name, value in {"content-type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    oauth.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield oauth
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
