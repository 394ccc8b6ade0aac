"""Who calls: those whom the rows belong to, and those who must not reach them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from lockstitch.guard.verify.exchange import Request

Headers = Mapping[str, str]


@dataclass(slots=True)
class Caller:
    """Somebody with a credential.

    Attributes:
        name: As a finding calls them.
        headers: What they send with each request; the names are in lower case.
        email: Their address, where there is one.
        renew: Signs in anew, where that can be done: a request may have signed them out.
        outside: Whether they are expected to be refused everywhere, such as after their removal.
        ids: What names them; lists of the attacked tenant may still do so.
    """

    name: str
    headers: Headers = field(default_factory=dict)
    email: str | None = None
    renew: Callable[[], Headers] | None = None
    outside: bool = False
    ids: frozenset[str] = frozenset()

    def sign(self, request: Request) -> Request:
        """Return the request with this caller's credential."""
        return request.with_headers(self.headers)


ANONYMOUS: Final = Caller("nobody", outside=True)


@dataclass(frozen=True, slots=True)
class Parties:
    """Both sides of an attack.

    Attributes:
        rightful: Who may reach what is attacked: the owner first, then others who may do what an
            owner cannot, such as accept an invitation or call as a machine.
        strangers: Who must not: the strongest member of another tenant first, who has something
            of their own. Nobody, without any credential, is always tried as well.
        secrets: Texts that only the rightful may read, such as their addresses.
    """

    rightful: tuple[Caller, ...]
    strangers: tuple[Caller, ...]
    secrets: tuple[str, ...] = ()

    @property
    def attackers(self) -> tuple[Caller, ...]:
        """The strangers, and nobody."""
        return (*self.strangers, ANONYMOUS)

    @property
    def invited(self) -> str:
        """The address of somebody who is not yet a member; an invented one when there is none."""
        addresses = [one.email for one in self.rightful[1:] if one.email]
        return addresses[-1] if addresses else "newcomer@example.com"

    @property
    def secret_headers(self) -> frozenset[str]:
        """The names of the headers whose values no report shows."""
        everybody = (*self.rightful, *self.strangers)
        return frozenset(name for one in everybody for name in one.headers)
