"""Regular expressions of other languages become JavaScript that means the same, or are refused."""

import json
import subprocess

import pytest
from generated import node

from lockstitch.contract.typescript.patterns import UntranslatablePattern, javascript, joined

TRANSLATED = [
    (r"^[A-Z]{2}$", "AB", "ABC"),
    (r"\Aabc\Z", "abc", "xabc"),
    (r"(?P<year>\d{4})-(?P=year)", "2026-2026", "2026-2025"),
    (r"^[\w-.]+$", "a-b.c", "a b"),
    (r"^[\w.-]+$", "a-b.c", "a b"),
    (r"^\-\_\@$", "-_@", "x"),
    (r"^a/b$", "a/b", "ab"),
    (r"(?i)^abc$", "ABC", "abd"),
    (r"^{x}$", "{x}", "x"),
    (r"^[]a]+$", "]a", "b"),
    (r"^[^]a]+$", "b", "]"),
    (r"^x{,2}$", "xx", "xxx"),
    (r"^[[]$", "[", "]"),
    (r"^(?!^[-+.]*$)[+-]?0*\d*\.?\d*$", "12.50", "abc"),
    (r"^\p{Lu}\pL$", "Äb", "1b"),
    (r"^\U0001F600$", "😀", "x"),
    (r"^(?:a|b)*?c$", "abc", "abd"),
    ("^a\nb$", "a\nb", "ab"),
    ("^a\u2028[\u2029\r]\\\u2028$", "a\u2028\u2029\u2028", "ab"),
    (r"^\x41\u0042$", "AB", "ab"),
    ("", "", None),
]
REFUSED = [
    "a++",
    "a**",
    "*a",
    "(?>a)",
    "(?(1)a)",
    "(a",
    "a)",
    "[a",
    "[[:alpha:]]",
    r"\Ga",
    "(?x)a",
    "(?#c)a",
    r"\2(a)",
    r"\p{Nonsense}",
    "[z-a]",
    "a{3,1}",
    "(?<a>x)(?<a>y)",
    r"\k<no>",
]


def test_what_is_translated_finds_the_same() -> None:
    cases = [(javascript(pattern), good, bad) for pattern, good, bad in TRANSLATED]
    cases.append((joined(("^a", "z$", "m")), "amz", "az"))
    checks = ",".join(
        f"[{literal}, {json.dumps(good)}, {json.dumps(bad)}]" for literal, good, bad in cases
    )
    program = (
        f"const cases = [{checks}];"
        "const found = cases.map(([r, g, b]) => [r.test(g), b !== null && r.test(b)]);"
        "console.log(JSON.stringify(found))"
    )
    run = subprocess.run([node(), "-e", program], capture_output=True, text=True, check=True)

    found = json.loads(run.stdout)

    wrong = [case for case, result in zip(cases, found, strict=True) if result != [True, False]]
    assert wrong == []


@pytest.mark.parametrize("pattern", REFUSED)
def test_what_javascript_lacks_is_refused(pattern: str) -> None:
    with pytest.raises(UntranslatablePattern):
        javascript(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a+)+$",
        r"^(\w+\s?)*$",
        r"^(https?:\/\/)?([\da-z\.-]+)\.([a-z\.]{2,6})([\/\w \.-]*)*\/?$",
        r"(\w|\d)+$",
        r"([-_.A-Za-z0-9]+\.)+x",
        r"^([a-z]{1,50}){1,50}$",
        r"(.*\.)*$",
    ],
)
def test_a_pattern_that_may_take_exponential_time_is_refused(pattern: str) -> None:
    with pytest.raises(UntranslatablePattern, match="exponential"):
        joined((pattern,))


@pytest.mark.parametrize(
    "pattern",
    [
        r"^(\w+\.)*\w+$",
        r"^[a-z]+(-[a-z]+)*$",
        r"^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+$",
        r"^(.+)@(.+)$",
        r"^(v\d{1,3}\.){2}$",
        r"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==)?$",
        r"^(?:[a-z]|[0-9])+$",
    ],
)
def test_a_repetition_whose_rounds_are_kept_apart_is_not(pattern: str) -> None:
    assert joined((pattern,)) == javascript(pattern)
