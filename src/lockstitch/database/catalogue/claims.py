"""Which claims of a token the policies read, directly or through the functions that they call."""

from collections.abc import Iterator
from dataclasses import dataclass

from lockstitch.database.catalogue.data import Catalogue, Policy
from lockstitch.database.catalogue.tokens import END, Token, tokens

# Supabase's functions, and the claim that each returns.
_FUNCTIONS = {"uid": "sub", "role": "role", "email": "email"}

# Where PostgREST, and our own transactions, put the claims.
_CLAIMS_SETTING = "request.jwt.claims"
_CLAIM_SETTING = "request.jwt.claim."

# What a policy reads may also be a setting that the application makes itself.
SETTING = "setting "


@dataclass(frozen=True, slots=True)
class Claims:
    """What an expression reads: claims such as `sub` or `app_metadata.role`, and settings."""

    names: frozenset[str] = frozenset()

    @property
    def of_token(self) -> frozenset[str]:
        """The claims, without the settings of the application."""
        return frozenset(name for name in self.names if not name.startswith(SETTING))


def claims_of_policy(catalogue: Catalogue, policy: Policy) -> Claims:
    """Return what a policy reads of the token of who asks."""
    names: set[str] = set()
    for expression in (policy.using, policy.check):
        if expression is not None:
            names |= claims_of(catalogue, expression)
    return Claims(frozenset(names))


def claims_of(catalogue: Catalogue, expression: str) -> frozenset[str]:
    """Return what an expression reads, functions of the project included."""
    return frozenset(_claims(catalogue, expression, set()))


def _claims(catalogue: Catalogue, expression: str, seen: set[str]) -> Iterator[str]:
    found = tokens(expression)
    for place, token in enumerate(found):
        behind_dot = place > 0 and found[place - 1].says(".")
        if token.kind != "word" or behind_dot:
            continue
        following = found[place + 1 : place + 4]
        if token.says("auth") and len(following) > 1 and following[0].says("."):
            yield from _of_auth(found, place)
        elif token.says("current_setting") and following and following[0].says("("):
            yield from _of_setting(found, place)
        elif following and following[0].says("(", "."):
            yield from _of_function(catalogue, found, place, seen)


def _of_auth(found: list[Token], place: int) -> Iterator[str]:
    name = found[place + 2].value
    if name in _FUNCTIONS:
        yield _FUNCTIONS[name]
    if name == "jwt":
        # Behind `auth . jwt ( )`.
        yield from _path(found, place + 5)


def _of_setting(found: list[Token], place: int) -> Iterator[str]:
    argument = found[place + 2] if place + 2 < len(found) else END
    if argument.kind != "text":
        return
    setting = argument.value
    if setting.startswith(_CLAIM_SETTING):
        yield setting.removeprefix(_CLAIM_SETTING)
    elif setting == _CLAIMS_SETTING:
        yield from _path(found, _behind_call(found, place + 1))
    else:
        yield f"{SETTING}{setting}"


def _behind_call(found: list[Token], place: int) -> int:
    depth = 0
    while place < len(found):
        depth += found[place].says("(") - found[place].says(")")
        place += 1
        if depth == 0:
            break
    return place


def _path(found: list[Token], place: int) -> Iterator[str]:
    """Yield the member that is read of the token, such as `app_metadata.role`."""
    names: list[str] = []
    while place + 1 < len(found):
        token, following = found[place], found[place + 1]
        if token.says("->", "->>") and following.kind == "text":
            names.append(following.value)
            place += 2
        elif token.says("#>", "#>>") and following.kind == "text":
            names += following.value.strip("{}").split(",")
            place += 2
        elif token.says("as"):
            place += 2  # `( select auth.jwt() as jwt)`
        elif token.says(")"):
            place += 1
        else:
            break
    if names:
        yield ".".join(name.strip(' "') for name in names)


def _of_function(
    catalogue: Catalogue, found: list[Token], place: int, seen: set[str]
) -> Iterator[str]:
    namespace, name = None, found[place].value
    if found[place + 1].says("."):
        if place + 3 >= len(found) or not found[place + 3].says("("):
            return
        namespace, name = name, found[place + 2].value
    for function in catalogue.functions:
        key = f"{function.namespace}.{function.name}"
        if function.name != name or namespace not in {None, function.namespace} or key in seen:
            continue
        yield from _claims(catalogue, function.body, seen | {key})
