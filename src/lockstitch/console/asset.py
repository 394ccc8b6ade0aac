"""One file of the built console, in memory, in every encoding that a browser may ask for."""

import base64
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import Response

from lockstitch.api.security_headers import PERMISSIONS

# The best one first.
_ENCODINGS = {"br": ".br", "gzip": ".gz"}
COMPRESSED_SUFFIXES = frozenset(_ENCODINGS.values())

_INLINE_SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
_HASHED_NAMES = "/_next/static/"
_FOR_EVER = "public, max-age=31536000, immutable"
_ALWAYS_ASK = "no-cache"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file's bytes by content encoding, and the headers that go with them."""

    bodies: dict[str, bytes]
    headers: dict[str, str]
    etag: str

    @classmethod
    def of(cls, url_path: str, body: bytes, bodies: dict[str, bytes] | None = None) -> "Asset":
        """Return the asset that is served at a path.

        Args:
            url_path: Decides the media type and how long browsers keep the file.
            body: The file's bytes.
            bodies: The same, compressed, by content encoding.
        """
        media_type = mimetypes.guess_type(url_path)[0] or "text/html"
        is_text = media_type.startswith("text/") or media_type == "image/svg+xml"
        headers = {
            "content-type": f"{media_type}; charset=utf-8" if is_text else media_type,
            "cache-control": _FOR_EVER if url_path.startswith(_HASHED_NAMES) else _ALWAYS_ASK,
            "vary": "accept-encoding",
            "x-content-type-options": "nosniff",
            "referrer-policy": "strict-origin-when-cross-origin",
            "permissions-policy": PERMISSIONS,
            "cross-origin-resource-policy": "same-origin",
        }
        if media_type == "text/html":
            headers["content-security-policy"] = content_security_policy(body.decode())
            headers["cross-origin-opener-policy"] = "same-origin"
        etag = hashlib.sha256(body).hexdigest()[:32]
        return cls({**(bodies or {}), "identity": body}, headers, etag)

    @classmethod
    def read(cls, path: Path, url_path: str) -> "Asset":
        """Read a file and its compressed siblings."""
        siblings = {name: path.with_name(path.name + end) for name, end in _ENCODINGS.items()}
        bodies = {name: file.read_bytes() for name, file in siblings.items() if file.is_file()}
        return cls.of(url_path, path.read_bytes(), bodies)

    def response(self, request: Headers, *, status: int = 200, head: bool = False) -> Response:
        """Return the file in the best encoding that the request accepts, or 304."""
        accepted = _accepted(request.get("accept-encoding", ""))
        encoding = next((name for name in _ENCODINGS if name in accepted & self.bodies.keys()), "")
        etag = f'"{self.etag}{"-" + encoding if encoding else ""}"'
        headers = {**self.headers, "etag": etag}
        if status == 200 and etag in request.get("if-none-match", ""):  # noqa: PLR2004
            return Response(status_code=304, headers=headers)
        if encoding:
            headers["content-encoding"] = encoding
        body = self.bodies[encoding or "identity"]
        headers["content-length"] = str(len(body))
        return Response(b"" if head else body, status, headers)


def content_security_policy(page: str) -> str:
    """Return the policy of a page: its own files, and the inline scripts that it was built with."""
    hashes = [
        base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        for script in _INLINE_SCRIPT.findall(page)
    ]
    scripts = " ".join(["'self'", *(f"'sha256-{digest}'" for digest in dict.fromkeys(hashes))])
    return "; ".join(
        [
            "default-src 'self'",
            f"script-src {scripts}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )


def _accepted(header: str) -> set[str]:
    names = (part.partition(";") for part in header.lower().split(","))
    return {name.strip() for name, _, weight in names if weight.replace(" ", "") != "q=0"}
