"""The semantic difference of two contracts: a request may only widen, a response only narrow."""

from lockstitch.contract.difference.changes import Change, Difference, Witness
from lockstitch.contract.difference.channels import compare_channels
from lockstitch.contract.difference.comparison import compare, compare_raw
from lockstitch.contract.difference.policy import DEFAULT_POLICY, Policy
from lockstitch.contract.difference.rules import RULES

__all__ = [
    "DEFAULT_POLICY",
    "RULES",
    "Change",
    "Difference",
    "Policy",
    "Witness",
    "compare",
    "compare_channels",
    "compare_raw",
]
