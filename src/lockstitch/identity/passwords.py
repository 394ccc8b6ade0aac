"""Password hashes: Argon2id with the library's current parameters."""

from functools import cache

from anyio import CapacityLimiter, to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()


@cache
def _one_at_a_time() -> CapacityLimiter:
    # A hash costs 64 MiB: a crowd at the door must not take the memory of the models.
    return CapacityLimiter(2)


@cache
def _nobodys_hash() -> str:
    return _HASHER.hash("nobody has this password")


async def hash_password(password: str) -> str:
    """Return the Argon2id hash of a password, computed off the event loop."""
    return await to_thread.run_sync(_HASHER.hash, password, limiter=_one_at_a_time())


async def password_matches(password: str, password_hash: str | None) -> bool:
    """Return whether the hash is of this password.

    Without a hash (there is no such account) the same work is done in vain, so that the time of
    the answer does not tell whether the account exists.
    """
    return await to_thread.run_sync(_matches, password, password_hash, limiter=_one_at_a_time())


def _matches(password: str, password_hash: str | None) -> bool:
    try:
        _HASHER.verify(password_hash or _nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None
