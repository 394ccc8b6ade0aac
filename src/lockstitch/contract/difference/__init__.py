"""The semantic difference of two contracts: a request may only widen, a response only narrow."""

from lockstitch.contract.difference.changes import Change, Difference, Witness

__all__ = ["Change", "Difference", "Witness"]
