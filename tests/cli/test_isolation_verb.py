"""`lockstitch isolation` as a team with a service of its own runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

GUARD = Path(__file__).parents[1] / "guard"

# The service of notes in a process: it prints its address and both sides' headers.
PROGRAM = """
import json, sys, time
sys.path.insert(0, {guard!r})
from crossing_application import House, notes_service
from service_thread import serving
house = House(frozenset({faults!r}))
parties = house.parties()
with serving(notes_service(house)) as url:
    headers = [one.headers["authorization"] for one in (*parties.rightful, *parties.strangers)]
    print(json.dumps([url, *headers]), flush=True)
    sys.stdin.read()
"""


def run_isolation(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "lockstitch.cli.main", "isolation", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def attack_notes(*faults: str) -> "subprocess.CompletedProcess[str]":
    program = PROGRAM.format(guard=str(GUARD), faults=list(faults))
    service = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert service.stdout is not None
        url, owner, *strangers = json.loads(service.stdout.readline())
        sides = ["--owner", f"Authorization: {owner}"]
        for one in strangers:
            sides += ["--stranger", f"Authorization: {one}"]
        return run_isolation(url, *sides, "--json")
    finally:
        service.communicate("")


def test_a_running_service_is_attacked_with_a_header_of_each_side() -> None:
    answer = attack_notes("delete-by-path")

    result = json.loads(answer.stdout)
    assert answer.returncode == 1
    places = {(one["rule"], one["operation"]) for one in result["report"]["findings"]}
    assert ("isolation-write", "DELETE /notes/{note_id}") in places
    assert {operation for _, operation in places} == {"DELETE /notes/{note_id}"}
    line = result["report"]["findings"][0]["requests"][0]
    assert line.startswith("curl -i -X DELETE")
    assert '-H "authorization: $AUTHORIZATION"' in line
    assert result["callers"] == ["stranger 1", "stranger 2", "nobody"]


def test_a_careful_service_passes() -> None:
    answer = attack_notes()

    assert (answer.returncode, json.loads(answer.stdout)["report"]["findings"]) == (0, [])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("http://127.0.0.1:9", "--owner", "A: b"), "--owner and --stranger belong together"),
        (("http://127.0.0.1:9", "--owner", "A", "--stranger", "B: c"), "is not 'Name: value'"),
        (("https://api.example.com",), "Add --allow-writes"),
        (("http://127.0.0.1:9/openapi.json",), "cannot be fetched"),
        (("nowhere:app",), "There is no module 'nowhere'"),
    ],
)
def test_what_cannot_be_attacked_is_said_in_a_sentence(
    arguments: tuple[str, ...], sentence: str
) -> None:
    answer = run_isolation(*arguments)

    assert answer.returncode == 2
    assert sentence in answer.stderr
    assert "Traceback" not in answer.stderr
