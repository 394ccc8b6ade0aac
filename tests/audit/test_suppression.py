from pathlib import Path

import pytest
from audited import findings

WITHOUT_REASON = "suppression-without-reason"
UNUSED = "unused-suppression"


@pytest.mark.parametrize(
    "code",
    [
        "// lockstitch-ignore missing-timeout, missing-retry: the worker has a deadline\nfetch(u)",
        "fetch(u) // lockstitch-ignore missing-timeout, missing-retry: the worker has a deadline",
        "/* lockstitch-ignore missing-timeout, missing-retry: a deadline */ fetch(u)",
        "/*\n * lockstitch-ignore missing-timeout, missing-retry: the worker\n * has one\n */\nfetch(u)",
    ],
)
def test_comment_with_a_reason_silences(tmp_path: Path, code: str) -> None:
    assert findings(tmp_path, {"a.ts": code}) == []


def test_comment_in_an_element_silences(tmp_path: Path) -> None:
    code = """
    function Row() {
      return (
        <p>
          {/* lockstitch-ignore missing-states: the parent shows it */}
          <button onClick={() => remove('1')}>Remove</button>
        </p>
      )
    }
    """
    files = {"row.tsx": f"import {{ remove }} from './api'\n{code}"}
    files["api.ts"] = "export const remove = (id: string) => fetch(u, { method: 'DELETE', signal })"

    assert findings(tmp_path, files) == []


def test_comment_in_python_silences(tmp_path: Path) -> None:
    code = "import requests\nrequests.get(u)  # lockstitch-ignore missing-timeout: run by hand"

    assert findings(tmp_path, {"a.py": code}) == []


@pytest.mark.parametrize(
    "comment",
    [
        "lockstitch-ignore missing-timeout",
        "lockstitch-ignore missing-timeout:",
        "lockstitch-ignore",
    ],
)
def test_comment_without_a_reason_silences_nothing(tmp_path: Path, comment: str) -> None:
    code = f"import requests\n# {comment}\nrequests.get(u)"

    assert {one.rule for one in findings(tmp_path, {"a.py": code})} == {
        "missing-timeout",
        WITHOUT_REASON,
    }


@pytest.mark.parametrize(
    "code",
    [
        "import requests\n# lockstitch-ignore missing-timeout: no reason any more\nrequests.get(u, timeout=3)",
        "import requests\n# lockstitch-ignore missing-timeout: too far away\n\nx = 1",
        "import requests\n# lockstitch-ignore no-such-rule: invented\nx = 1",
    ],
)
def test_comment_that_silences_nothing_is_found(tmp_path: Path, code: str) -> None:
    (found,) = findings(tmp_path, {"a.py": code})

    assert found.rule == UNUSED


def test_one_of_two_rules_may_be_unused(tmp_path: Path) -> None:
    code = "import requests\n# lockstitch-ignore missing-timeout, leaked-error: by hand\nrequests.get(u)"
    (found,) = findings(tmp_path, {"a.py": code})

    assert (found.rule, found.subject) == (UNUSED, "leaked-error")


def test_text_that_is_no_comment_is_nothing(tmp_path: Path) -> None:
    files = {
        "a.py": "text = '# lockstitch-ignore missing-timeout: x'",
        "b.ts": "const text = '// lockstitch-ignore missing-timeout: x'",
    }

    assert findings(tmp_path, files) == []
