"""Who may not do what."""

from typing import ClassVar

from lockstitch.errors.problem import LockstitchError


class IdentityError(LockstitchError):
    """Who is calling is unknown, or may not do this."""

    problem = "forbidden"
    title = "Not allowed"
    status = 403


class SignInRequired(IdentityError):
    """Nobody is signed in, or the session has ended."""

    problem = "sign-in-required"
    title = "Sign in first"
    status = 401
    headers: ClassVar[dict[str, str]] = {"www-authenticate": "Bearer"}


class TokenRefused(IdentityError):
    """The bearer token is expired, for another service, not from its issuer, or no token."""

    problem = "token-refused"
    title = "The token is not taken"
    status = 401
    # As RFC 6750 spells it; the detail says more.
    headers: ClassVar[dict[str, str]] = {"www-authenticate": 'Bearer error="invalid_token"'}


class IssuerUnavailable(IdentityError):
    """The keys of a token's issuer cannot be read, so nothing can be said of the token."""

    problem = "issuer-unavailable"
    title = "The issuer of the token cannot be reached"
    status = 503

    def __init__(self, message: str, *, retry_after_seconds: float) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class WrongCredentials(IdentityError):
    """No account has this e-mail address with this password."""

    problem = "wrong-credentials"
    title = "The e-mail address or the password is wrong"
    status = 401


class AccountsUnavailable(IdentityError):
    """Supabase Auth, which keeps the accounts, did not answer or answered nonsense."""

    problem = "accounts-unavailable"
    title = "Accounts cannot be reached"
    status = 503
    retry_after_seconds = 5.0


class RoleTooLow(IdentityError):
    """The caller's role in the organisation does not allow this."""

    problem = "role-too-low"
    title = "Your role does not allow this"


class ScopeMissing(IdentityError):
    """The API key does not have the scope that this needs."""

    problem = "scope-missing"
    title = "The API key may not do this"


class NotAMember(IdentityError):
    """The caller is not in the organisation that the request is for, or in none."""

    problem = "not-a-member"
    title = "You are not in this organisation"


class LastOwner(IdentityError):
    """An organisation would be left without an owner."""

    problem = "last-owner"
    title = "An organisation needs an owner"
    status = 409


class NoOrganisation(IdentityError):
    """The session acts for no organisation, and this needs one."""

    problem = "no-organisation"
    title = "Choose an organisation first"


class EmailNotConfirmed(IdentityError):
    """The person has not yet confirmed that their e-mail address is theirs."""

    problem = "email-not-confirmed"
    title = "Confirm your e-mail address first"


class LinkInvalid(IdentityError):
    """A link from a mail is unknown, used or expired."""

    problem = "link-invalid"
    title = "The link cannot be used"
    status = 409


class AlreadyInvited(IdentityError):
    """Somebody with this address is invited already, or is a member."""

    problem = "already-invited"
    title = "This person is invited or a member already"
    status = 409


class InvitationInvalid(IdentityError):
    """The invitation is unknown, used, expired, or for another address."""

    problem = "invitation-invalid"
    title = "The invitation cannot be accepted"
    status = 409


class LastWayIn(IdentityError):
    """The account has no password, and this is the only provider it is linked with."""

    problem = "last-way-in"
    title = "This is the only way in to the account"
    status = 409


class ProviderUnavailable(IdentityError):
    """The sign-in provider does not answer, or not as such a provider does."""

    problem = "provider-unavailable"
    title = "The sign-in provider cannot be reached"
    status = 503
    retry_after_seconds = 10.0


class ForeignOrigin(IdentityError):
    """A browser sent a write from a page of another origin."""

    problem = "foreign-origin"
    title = "The request comes from another site"


class EmailTaken(IdentityError):
    """An account with this e-mail address exists already."""

    problem = "email-taken"
    title = "An account with this e-mail address exists"
    status = 409
