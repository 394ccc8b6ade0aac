"""The policy: levels that differ from the defaults, and the rules that it can name."""

from pathlib import Path

import pytest
from pairs import answering, difference, requesting
from steps import INTEGER, STEPS, STRING, thing

from lockstitch.contract.difference import RULES, Policy
from lockstitch.contract.difference.policy import NAME
from lockstitch.contract.difference.rules import EXCEPTIONS, KINDS, SIDES
from lockstitch.errors import ConfigurationError

DOCUMENTED = Path(__file__).parents[3] / "docs" / "guard" / "diff.md"
# The page has one row for all of them.
LIMITS = {f"header-{kind}" for kind in KINDS if kind.startswith(("max-", "min-", "multiple-"))}
TABLE = '[tool.lockstitch.policy]\nresponse-enum-value-added = "error"\nsunset-days = 30\n'


def test_a_policy_changes_the_level_of_a_rule() -> None:
    base, revision = answering({"enum": ["a"]}), answering({"enum": ["a", "b"]})
    strict = Policy(levels={"response-enum-value-added": "error"})
    silent = Policy(levels={"response-enum-value-added": "off"})

    assert [one.severity for one in difference(base, revision).changes] == ["warning"]
    assert [one.severity for one in difference(base, revision, strict).changes] == ["error"]
    assert difference(base, revision, silent).changes == ()


def test_a_rule_that_became_breaking_has_a_witness_too() -> None:
    strict = Policy(levels={"request-max-length-set": "error"})
    (change,) = difference(
        requesting(STRING), requesting({**STRING, "maxLength": 5}), strict
    ).breaking

    assert change.witness is not None
    assert len(change.witness.value) > 5


def test_the_policy_file_of_a_project_comes_before_its_table(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(TABLE)
    assert Policy.read(tmp_path).levels == {"response-enum-value-added": "error"}
    assert Policy.read(tmp_path).sunset_days == 30

    (tmp_path / NAME).write_text('operation-id-changed = "warning"\n')
    assert Policy.read(tmp_path).levels == {"operation-id-changed": "warning"}


def test_a_project_without_a_policy_has_the_defaults(tmp_path: Path) -> None:
    assert Policy.read(tmp_path).levels == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('no-such-rule = "error"\n', "there is no rule 'no-such-rule'"),
        ('operation-removed = "fatal"\n', "must be one of error, warning, information, off"),
        ("sunset-days = -1\n", "must be a whole number of days"),
        ("not toml", "cannot be read"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / NAME).write_text(text)

    with pytest.raises(ConfigurationError, match=message):
        Policy.read(tmp_path)


def test_each_rule_has_one_sentence_and_one_id() -> None:
    ids = [rule.id for rule in RULES]

    assert len(ids) == len(set(ids))
    assert all(rule.summary.endswith(".") for rule in RULES)
    assert {f"{side}-{kind}" for side in SIDES for kind in KINDS} <= set(ids)


def test_each_debatable_verdict_is_of_a_rule_and_documented() -> None:
    text = DOCUMENTED.read_text(encoding="utf-8")
    kinds = {rule.partition("-")[2] for rule in EXCEPTIONS if rule not in LIMITS}

    assert set(EXCEPTIONS) <= {rule.id for rule in RULES}
    assert [kind for kind in sorted(kinds) if f"`{kind}`" not in text] == []


def test_every_kind_has_a_row_in_the_table_of_steps() -> None:
    # Parameters alone know the one, whole bodies the others; the last two name what no rule does.
    elsewhere = {"property-type-changed", "schema-added", "schema-removed", "narrowed", "widened"}

    assert sorted(set(KINDS) - {step.kind for step in STEPS} - elsewhere) == []
    assert sorted({step.kind for step in STEPS} - set(KINDS)) == []


def test_unstable_operations_promise_nothing() -> None:
    base, revision = requesting(thing(a=STRING)), requesting(thing(a=INTEGER))
    for document in (base, revision):
        document["paths"]["/things"]["post"]["x-stability-level"] = "alpha"

    assert difference(base, revision).changes == ()
    assert difference(base, revision, Policy(unstable=frozenset())).breaking
