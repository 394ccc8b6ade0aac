"""What the parts of a comparison share: the two documents, the policy, and the changes found."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from lockstitch.contract.algebra import Anything, Schema, Text
from lockstitch.contract.difference.changes import Change, Direction, Unwitnessed, Witness
from lockstitch.contract.difference.deltas import Delta, delta
from lockstitch.contract.difference.events import written
from lockstitch.contract.difference.fixes import fix_for
from lockstitch.contract.difference.policy import Policy
from lockstitch.contract.difference.rules import (
    IDLE,
    OPERATION_RULES,
    SENT,
    SchemaSide,
    default_level,
)
from lockstitch.contract.difference.schemas import Comparer
from lockstitch.contract.difference.witness import FORMATS, Suspect, Witnesses
from lockstitch.contract.document import Document
from lockstitch.findings import Place, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where two documents are compared: an operation, and a part of it."""

    operation: str | None = None
    method: str | None = None
    path: str | None = None
    direction: Direction = "neither"
    part: str | None = None
    media_type: str | None = None
    spoken: str = ""

    @property
    def name(self) -> str:
        """What people call the operation: its method and path."""
        return " ".join(filter(None, [self.method, self.path])) or "the contract"


@dataclass(slots=True)
class Walk:
    """A comparison under way."""

    base: Document
    revision: Document
    policy: Policy
    comparer: Comparer = field(init=False)
    witnesses: Witnesses = field(init=False)
    changes: list[Change] = field(default_factory=list)
    # The documents as they are written, where events were opened for the comparison.
    written: tuple[Any, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.written = (self.base.raw, self.revision.raw)
        # Each side takes in what is read later on.
        self.base = replace(self.base, schemas=dict(self.base.schemas))
        self.revision = replace(self.revision, schemas=dict(self.revision.schemas))
        self.comparer = Comparer(self.base, self.revision)
        self.witnesses = Witnesses(self.base, self.revision)

    def tell(
        self,
        rule: str,
        site: Site,
        words: str,
        *,
        base: str | None = None,
        revision: str | None = None,
        level: Severity | None = None,
        subject: str = "",
    ) -> None:
        """Add a change of an operation; `words` follow the name of the part, as in "is gone"."""
        chosen = self.policy.level(rule, level or OPERATION_RULES[rule][0])
        if chosen != "off":
            told = {"message": _sentence(site, words), "subject": _subject(site, subject)}
            self._add(rule, chosen, site, (base, revision), **told)

    def schemas(self, side: SchemaSide, site: Site, base: Schema, revision: Schema) -> None:
        """Add the changes between two schemas of the same part."""
        steps = self.comparer.steps(base, revision)
        for step in self._with_rest(base, revision, steps):
            self.step(side, site, base, revision, step)

    def step(
        self, side: SchemaSide, site: Site, base: Schema, revision: Schema, step: Delta
    ) -> None:
        """Add one step between two schemas."""
        kind = step.kind
        if side == "parameter" and step.member and kind == "type-changed":
            kind = "property-type-changed"
        rule = f"{side}-{IDLE if step.idle else kind}"
        hidden = step.read_only if side in SENT else step.write_only
        level = self.policy.level(rule, default_level(side, kind, step.effect, hidden=hidden))
        if level == "off":
            return
        witness, reason = self._shown(level, Suspect(side, base, revision, step))
        said = _sentence(site, step.words, step.member)
        self._add(
            rule,
            level,
            site,
            self._pointers(step),
            message=" ".join([said, witness.as_text()] if witness else [said]),
            subject=_subject(site, "/".join(step.member), step.words),
            member=step.member,
            witness=witness,
            unwitnessed=reason,
        )

    def _add(
        self,
        rule: str,
        level: Severity,
        site: Site,
        pointers: tuple[str | None, str | None],
        **others: Any,
    ) -> None:
        base, revision = pointers
        change = Change(
            rule=rule,
            severity=level,
            place=Place(pointer=base if revision is None else revision, name=site.name),
            fix=fix_for(rule, level, site.direction),
            base_pointer=base,
            revision_pointer=revision,
            operation=site.operation,
            method=site.method,
            path=site.path,
            direction=site.direction,
            part=site.part,
            media_type=site.media_type,
            **others,
        )
        self.changes.append(change)

    def _shown(
        self, level: Severity, suspect: Suspect
    ) -> tuple[Witness | None, Unwitnessed | None]:
        """Return a witness of what breaks, or why there is none."""
        if level != "error":
            return None, None
        witness = self.witnesses.find(suspect)
        if witness is None:
            return None, unwitnessed(suspect.step) or "not-found"
        base = written(self.written[0], witness.base_pointer)
        revision = written(self.written[1], witness.revision_pointer)
        return witness.model_copy(update={"base_pointer": base, "revision_pointer": revision}), None

    def existence(
        self,
        side: SchemaSide,
        site: Site,
        schemas: tuple[Schema | None, Schema | None],
        pointers: tuple[str, str],
    ) -> None:
        """Add that a schema came or went where anything was accepted."""
        old, new = (one or Anything() for one in schemas)
        added = schemas[0] is None
        step = delta(
            "schema-added" if added else "schema-removed",
            "narrows" if added else "widens",
            "has a schema now" if added else "has no schema any more",
            old,
            new,
        )
        at = replace(step, base_pointer=pointers[0], revision_pointer=pointers[1])
        self.step(side, site, old, new, at)

    def _with_rest(self, base: Schema, revision: Schema, steps: Iterable[Delta]) -> Iterable[Delta]:
        """Return the steps, or one that names no rule where none explains what is different."""
        steps = tuple(steps)
        if steps or base == revision:
            return steps
        found = []
        if self.comparer.narrowed.of(base, revision) == "no":
            words = "accepts fewer values than before"
            found.append(delta("narrowed", "narrows", words, base, revision))
        if self.comparer.widened.of(revision, base) == "no":
            words = "accepts more values than before"
            found.append(delta("widened", "widens", words, base, revision))
        return found

    def _pointers(self, step: Delta) -> tuple[str | None, str | None]:
        return (
            written(self.written[0], step.base_pointer),
            written(self.written[1], step.revision_pointer),
        )


def unwitnessed(step: Delta) -> Unwitnessed | None:
    """Return why no JSON value can show a step, or None when one should."""
    if step.stray:
        return "does-not-apply"
    if step.nominal:
        return "by-name"
    if step.effect == "notes" or step.kind.startswith(("content-", "extensible-")):
        return "not-checked"
    if step.kind.startswith("format-") and not _is_checked(step):
        return "not-checked"
    return None


def _is_checked(step: Delta) -> bool:
    """Whether JSON Schema knows the formats of both sides; those of numbers it does not."""
    pair = [one for one in (step.base, step.revision) if isinstance(one, Text)]
    return len(pair) == 2 and all(one.format is None or one.format in FORMATS for one in pair)  # noqa: PLR2004 - both


def _sentence(site: Site, words: str, member: tuple[str, ...] = ()) -> str:
    path = "/".join(member)
    about = f"`{path}` of {site.spoken}" if path and site.spoken else site.spoken or f"`{path}`"
    return f"{site.name}: {about} {words}." if about != "``" else f"{site.name} {words}."


def _subject(site: Site, *words: str) -> str:
    return "; ".join(filter(None, [site.part, site.media_type, *words]))
