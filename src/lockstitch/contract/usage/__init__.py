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
from lockstitch.contract.usage.front_end import FrontEnd, Source, read_front_end
from lockstitch.contract.usage.hits import ContractChange, hits
from lockstitch.contract.usage.judging import usage_findings
from lockstitch.contract.usage.mapping import Map, integration_map
from lockstitch.contract.usage.rules import RULES
from lockstitch.contract.usage.searching import find_calls

__all__ = [
    "EACH",
    "RULES",
    "Base",
    "Call",
    "ContractChange",
    "FrontEnd",
    "Map",
    "MemberClaim",
    "MemberPath",
    "MemberRead",
    "MemberSend",
    "Source",
    "Spot",
    "Stage",
    "Usage",
    "find_calls",
    "hits",
    "integration_map",
    "read_front_end",
    "usage_findings",
]
