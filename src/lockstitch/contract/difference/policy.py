"""The policy: which level each rule has, and how long a deprecation must be told beforehand."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, Literal, get_args

from lockstitch.contract.difference.rules import RULES
from lockstitch.errors import ConfigurationError
from lockstitch.findings import Severity

NAME: Final = "lockstitch-policy.toml"
Level = Literal["error", "warning", "information", "off"]
LEVELS: Final[tuple[str, ...]] = get_args(Level)
_KNOWN: Final = frozenset(rule.id for rule in RULES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Overrides of the levels.

    `levels` maps rule ids to a level, or to "off". `sunset_days` is how many days must lie
    between a deprecation and the sunset that it announces; with more than 0 a deprecation must
    announce one. `unstable` are the values of `x-stability-level` that promise nothing.
    """

    levels: Mapping[str, Level] = field(default_factory=dict)
    sunset_days: int = 0
    unstable: frozenset[str] = frozenset({"draft", "alpha"})
    today: date | None = None

    @property
    def day(self) -> date:
        """The day on which sunsets are judged: today, in UTC, unless another one is set."""
        return self.today or datetime.now(UTC).date()

    def level(self, rule: str, default: Severity) -> Level:
        """Return the level of a rule."""
        return self.levels.get(rule, default)

    @classmethod
    def read(cls, project: Path) -> "Policy":
        """Read the policy of a project: its policy file, else `[tool.lockstitch.policy]`.

        Raises:
            ConfigurationError: It names a rule or a level that there is not.
        """
        own = project / NAME
        if own.is_file():
            return cls.read_file(own)
        settings = project / "pyproject.toml"
        if not settings.is_file():
            return cls()
        tables: Any = _table(settings).get("tool", {})
        found = tables.get("lockstitch", {}).get("policy", {})
        return cls.of(found, "[tool.lockstitch.policy]")

    @classmethod
    def read_file(cls, path: Path) -> "Policy":
        """Read a policy file.

        Raises:
            ConfigurationError: It cannot be read, or names a rule or level that there is not.
        """
        return cls.of(_table(path), path.name)

    @classmethod
    def of(cls, table: Mapping[str, Any], source: str) -> "Policy":
        """Return the policy that a table of rule ids and settings describes."""
        levels = {key.replace("_", "-"): value for key, value in table.items()}
        days = levels.pop("sunset-days", 0)
        if not isinstance(days, int) or days < 0:
            raise ConfigurationError(f"{source}: sunset-days must be a whole number of days.")
        for rule, level in levels.items():
            if rule not in _KNOWN:
                raise ConfigurationError(
                    f"{source}: there is no rule {rule!r}. docs/guard/diff.md tells of the rules."
                )
            if level not in LEVELS:
                raise ConfigurationError(
                    f"{source}: {rule} must be one of {', '.join(LEVELS)}, not {level!r}."
                )
        return cls(levels=levels, sunset_days=days)


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}") from error


DEFAULT_POLICY: Final = Policy()
