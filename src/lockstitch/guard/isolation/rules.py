"""What an attack on the tenants of a service looks for."""

from typing import Final

from lockstitch.findings import Rule

RULES: Final = (
    Rule("isolation-read", "A stranger is shown data of another tenant."),
    Rule("isolation-reached", "An operation does for a stranger what it does for the owner."),
    Rule("isolation-write", "A stranger's request changes what another tenant has."),
    Rule("isolation-oracle", "A stranger is told whether something of another tenant exists."),
    Rule("isolation-influence", "What a stranger reads changes when another tenant acts."),
    Rule("isolation-unproved", "An operation could not be shown to be isolated."),
)

FIXES: Final = {
    "isolation-read": "Select by the caller's own tenant, and key caches by it.",
    "isolation-reached": "Look the resource up within the caller's own tenant; answer 404.",
    "isolation-write": "Take the tenant and the person from the credential, never the request.",
    "isolation-oracle": "Answer what belongs to another tenant like what does not exist.",
    "isolation-influence": "Count and sum within the caller's own tenant only.",
    "isolation-unproved": "Make it answer its rightful caller, or tell which value it needs.",
}
