"""Two organisations of a Lockstitch application, with everybody in them, made over HTTP."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

import httpx2

from lockstitch.errors import ApplicationFailed
from lockstitch.guard.isolation.callers import Caller, Headers, Parties

_ROLES: Final = ("admin", "member", "viewer")
_SECONDS: Final = 30.0


class OrganisationMaker:
    """Makes accounts of a running Lockstitch application, and organisations of them."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._run = uuid4().hex[:8]

    def parties(self) -> Parties:
        """Return an organisation with an owner, a key and somebody to invite, and its strangers.

        The strangers are everybody of another organisation, its API key, a key of the victim's
        that was revoked, and two people who have left the victim's: one with the session that
        they had then, one who has signed in anew.

        Raises:
            ApplicationFailed: An account or an organisation could not be made.
        """
        owner, other = self._founder("birch"), self._founder("alder")
        strangers = [other, *(self._joined(other, role, f"alder-{role}") for role in _ROLES)]
        for one in strangers:
            one.name = f"the other organisation's {one.name}"
        left, back = self._left(owner, "left"), self._founder("back")
        self._join(owner, back, "admin")
        self._call("DELETE", f"/v1/members/{self._person(back)}", owner)
        back.name, back.headers = "a former admin", back.renew() if back.renew else {}
        colleague = self._joined(owner, "viewer", "colleague")
        revoked = self._key(owner, "a revoked key", outside=True)
        keys = self._call("GET", "/v1/api-keys", owner)["items"]
        self._call("DELETE", f"/v1/api-keys/{keys[0]['id']}", owner)
        rightful = (owner, self._key(owner, "a key"), self._founder("willow"))
        machine = self._key(other, "the other organisation's key")
        # Nothing else is told of the colleague; their address is for their own organisation alone.
        secrets = tuple(filter(None, (owner.email, colleague.email, f"birch {self._run}")))
        return Parties(rightful, (*strangers, machine, revoked, left, back), secrets)

    def person(self, owner: Caller, role: str) -> Caller:
        """Return a new member of an owner's organisation."""
        return self._joined(owner, role, f"{role}-{uuid4().hex[:6]}")

    def founder(self) -> Caller:
        """Return the owner of a new organisation."""
        return self._founder(uuid4().hex[:6])

    def key(self, owner: Caller) -> Caller:
        """Return a machine with a new key of an owner's organisation, for predictions."""
        return self._key(owner, "a key")

    def _founder(self, name: str) -> Caller:
        credentials = {"email": f"{name}-{self._run}@example.com", "password": uuid4().hex}
        account = {**credentials, "organisation_name": f"{name} {self._run}"}

        def renew() -> Headers:
            return self._signed_in("/v1/sessions", credentials)

        cookie = self._signed_in("/v1/accounts", account)
        return Caller("owner", cookie, credentials["email"], renew)

    def _joined(self, owner: Caller, role: str, name: str) -> Caller:
        guest = self._founder(name)
        sign_in, token = guest.renew, self._join(owner, guest, role)

        def renew() -> Headers:
            # A new session acts for the person's first organisation; to accept again changes that.
            again = Caller(role, sign_in() if sign_in is not None else {}, guest.email)
            try:
                self._call("POST", "/v1/invitations:accept", again, {"token": token})
            except ApplicationFailed:
                # They have left of their own accord.
                self._join(owner, again, role)
            return again.headers

        guest.name, guest.renew = role, renew
        return guest

    def _left(self, owner: Caller, name: str) -> Caller:
        """Return an admin who was removed, with the session that they had then."""
        guest = self._founder(name)
        self._join(owner, guest, "admin")
        known = self._person(guest)
        self._call("DELETE", f"/v1/members/{known}", owner)
        name = "a former admin's old session"
        return Caller(name, guest.headers, guest.email, outside=True, ids=frozenset({known}))

    def _join(self, owner: Caller, guest: Caller, role: str) -> str:
        """Let somebody accept an invitation, and return its token."""
        invitation = {"email": guest.email, "role": role}
        token = str(self._call("POST", "/v1/invitations", owner, invitation)["token"])
        self._call("POST", "/v1/invitations:accept", guest, {"token": token})
        return token

    def _key(self, owner: Caller, name: str, *, outside: bool = False) -> Caller:
        wanted = {"name": name, "scopes": ["predict"]}
        key = self._call("POST", "/v1/api-keys", owner, wanted)["key"]
        return Caller(name, {"authorization": f"Bearer {key}"}, outside=outside)

    def _person(self, caller: Caller) -> str:
        return str(self._call("GET", "/v1/sessions/current", caller)["person"]["id"])

    def _signed_in(self, path: str, credentials: Mapping[str, Any]) -> Headers:
        answer = self._send("POST", path, {}, credentials)
        return {"cookie": "; ".join(f"{name}={text}" for name, text in answer.cookies.items())}

    def _call(self, method: str, path: str, caller: Caller, body: Any = None) -> Any:
        answer = self._send(method, path, caller.headers, body)
        return answer.json() if answer.content else None

    def _send(self, method: str, path: str, headers: Headers, body: Any) -> httpx2.Response:
        answer = httpx2.request(
            method, f"{self._url}{path}", headers=dict(headers), json=body, timeout=_SECONDS
        )
        if not answer.is_success:
            raise ApplicationFailed(f"{method} {path} answered {answer.status_code}: {answer.text}")
        return answer
