"""The settings of an application: what can be configured, and where it is read from."""

from lockstitch.settings.addresses import ServiceUrl
from lockstitch.settings.names import (
    ANY_ORIGIN,
    KEEP_MAIL,
    LOOPBACK,
    MAX_JSON_DEPTH,
    PLACEHOLDER,
    PREFIX,
)
from lockstitch.settings.quota import Quota
from lockstitch.settings.settings import (
    Settings,
    env_example,
    find_project,
    read_project_table,
    spelt,
    variable_name,
)
from lockstitch.settings.sign_in import SignInProvider, TokenIssuer

__all__ = [
    "ANY_ORIGIN",
    "KEEP_MAIL",
    "LOOPBACK",
    "MAX_JSON_DEPTH",
    "PLACEHOLDER",
    "PREFIX",
    "Quota",
    "ServiceUrl",
    "Settings",
    "SignInProvider",
    "TokenIssuer",
    "env_example",
    "find_project",
    "read_project_table",
    "spelt",
    "variable_name",
]
