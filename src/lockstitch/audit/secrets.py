"""What a secret looks like, by its name and by its shape; for both languages."""

import base64
import binascii
import re
from typing import Final

_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SECRET_ENDINGS: Final = (
    ("password",),
    ("passwd",),
    ("passphrase",),
    ("secret",),
    ("token",),
    ("jwt",),
    ("api", "key"),
    ("apikey",),
    ("private", "key"),
    ("secret", "key"),
    ("access", "key"),
    ("service", "role", "key"),
    ("credentials",),
    ("authorization",),
)
# `token` alone is a word of parsers and language models as well.
_AMBIGUOUS: Final = frozenset({("token",)})
_OTHER_TOKENS: Final = frozenset(
    {"next", "page", "continuation", "stop", "eos", "bos", "pad", "unk", "mask", "special"}
    | {"start", "end", "cancel", "cancellation", "first", "last", "prev", "previous", "max"}
    | {"lexer", "syntax", "current", "keyword", "operator", "total", "input", "output"}
    | {"text", "design", "unexpected", "html", "comment", "css", "color", "theme"}
)
# What is told then is not the secret but something about it.
_ABOUT_SECRETS: Final = frozenset(
    {"header", "name", "type", "kind", "count", "length", "field", "prefix", "hint", "path"}
)
_LITERALS: Final = (
    (re.compile(r"^sk-(?=.*\d)(?=.*[A-Z])[A-Za-z0-9_-]{20,}$"), "A key of a model provider"),
    (re.compile(r"^(sk|rk)_live_[A-Za-z0-9]{16,}$"), "A live key of Stripe"),
    (re.compile(r"^AKIA[0-9A-Z]{16}$"), "A key of AWS"),
    (re.compile(r"^(ghp|gho|ghs|github_pat)_[A-Za-z0-9_]{30,}$"), "A token of GitHub"),
    (re.compile(r"^xox[bap]-[A-Za-z0-9-]{20,}$"), "A token of Slack"),
    (re.compile(r"^-----BEGIN [A-Z ]*PRIVATE KEY-----"), "A private key"),
    (re.compile(r"^sb_secret_[A-Za-z0-9_-]{20,}$"), "A secret key of Supabase"),
)
_JWT: Final = re.compile(r"^eyJ[\w-]{10,}\.(eyJ[\w-]{10,})\.[\w-]{20,}$")


def names_secret(name: str, *, token_is_secret: bool = True) -> bool:
    """Whether a variable or member of this name holds a secret.

    Args:
        name: In any spelling: apiKey, API_KEY, api_key.
        token_is_secret: Whether `token` alone means a credential here.
    """
    words = tuple(word.lower() for word in _WORDS.findall(name))
    for ending in _SECRET_ENDINGS:
        if words[-len(ending) :] != ending:
            continue
        if _ABOUT_SECRETS.intersection(words):
            return False
        if ending in _AMBIGUOUS:
            before = words[-2:-1]
            return token_is_secret if not before else before[0] not in _OTHER_TOKENS
        return True
    return False


def literal_secret(value: str) -> str | None:
    """Return what kind of secret a literal is, or None."""
    for pattern, kind in _LITERALS:
        if pattern.match(value):
            return kind
    found = _JWT.match(value)
    if found is None:
        return None
    return "A service-role key" if "service_role" in _claims(found[1]) else None


def _claims(part: str) -> str:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode(errors="replace")
    except (ValueError, binascii.Error):
        return ""
