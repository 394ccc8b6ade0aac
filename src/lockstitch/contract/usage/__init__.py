"""Who calls the contract: call sites in TypeScript and JavaScript, and the members they touch.

`read_front_end` reads the sources, `find_calls` follows values through them, `usage_findings`
holds what it found against the contract, and `hits` tells what a change of the contract would meet.
"""

from lockstitch.contract.usage.calls import (
    EACH,
    Base,
    Call,
    MemberClaim,
    MemberPath,
    MemberRead,
    MemberSend,
    Spot,
    Stage,
    Usage,
)

__all__ = [
    "EACH",
    "Base",
    "Call",
    "MemberClaim",
    "MemberPath",
    "MemberRead",
    "MemberSend",
    "Spot",
    "Stage",
    "Usage",
]
