"""What cannot be started as it stands."""

from lockstitch.errors.problem import LockstitchError


class ConfigurationError(LockstitchError):
    """A setting, a flag or the application itself is not usable as it stands."""

    problem = "configuration-error"
    title = "The configuration cannot be used"


class ApplicationFailed(ConfigurationError):
    """The application ended before it could answer."""

    problem = "application-failed"
    title = "The application could not start"


class CertificateRefused(ConfigurationError):
    """The certificate or its key is missing, unreadable, readable by others, expired or wrong."""

    problem = "certificate-refused"
    title = "The certificate cannot be used"


class HttpsRequired(ConfigurationError):
    """Others can reach the service by plain http, and nobody has allowed that."""

    problem = "https-required"
    title = "The service must be reached by https"
    status = 403


class PlaceholderSecret(ConfigurationError):
    """A secret is a placeholder or too weak for an address that others can reach."""

    problem = "placeholder-secret"
    title = "A secret is a placeholder or too weak"
    status = 503


class PortInUse(ConfigurationError):
    """Another process listens on the port."""

    problem = "port-in-use"
    title = "The port is in use"


class RouteNotReady(ConfigurationError):
    """A route lacks what the contract must say of it, such as its audience."""

    problem = "route-not-ready"
    title = "A route does not say who may call it"
