"""What a file is found to be, and which line is named when it is no dataset."""

import gzip
from pathlib import Path

import pytest

from lockstitch.datasets.inspection import first_rows, inspect_file
from lockstitch.datasets.lines import MAX_LINE_BYTES
from lockstitch.datasets.names import MAX_COLUMNS
from lockstitch.datasets.refusal import UnreadableDataset


def written(folder: Path, content: bytes) -> Path:
    path = folder / "uploaded"
    path.write_bytes(content)
    return path


def types(folder: Path, content: bytes) -> dict[str, str]:
    return {one.name: one.type for one in inspect_file(written(folder, content)).columns}


def test_the_columns_of_a_csv_have_the_narrowest_type_of_all_values(tmp_path: Path) -> None:
    content = (
        b"id,price,paid,day,at,code,note\n"
        b"1,2,true,2026-01-31,2026-01-31T09:30:00Z,01234,a\n"
        b"-2,2.5,FALSE,2026-02-01,2026-02-01 10:00,99999,\n"
    )

    assert types(tmp_path, content) == {
        "id": "integer",
        "price": "number",
        "paid": "boolean",
        "day": "date",
        "at": "date-time",
        "code": "text",
        "note": "text",
    }


def test_the_columns_of_json_lines_are_those_of_all_objects(tmp_path: Path) -> None:
    found = inspect_file(
        written(tmp_path, b'{"a":1,"b":"x"}\n\n{"a":1.5,"c":[1]}\n{"b":null,"a":2,"c":3}\n')
    )

    assert found.media_type == "application/jsonl"
    assert found.row_count == 3
    assert [(c.name, c.type, c.missing_count) for c in found.columns] == [
        ("a", "number", 0),
        ("b", "text", 2),
        ("c", "mixed", 1),
    ]


def test_quotes_breaks_and_a_byte_order_mark_are_read_as_rfc_4180_has_them(tmp_path: Path) -> None:
    path = written(tmp_path, b'\xef\xbb\xbftext,label\r\n"a ""b"",\nc",1\r\n\r\nd,\r\n')

    assert inspect_file(path).row_count == 2
    assert first_rows(path, "text/csv", ["label", "text"]) == [["1", 'a "b",\nc'], [None, "d"]]


def test_a_preview_shows_long_values_cut_and_nested_ones_as_json(tmp_path: Path) -> None:
    path = written(tmp_path, b'{"a":"%s","b":{"c":1}}\n' % (b"x" * 500))

    assert first_rows(path, "application/jsonl", ["a", "b"]) == [["x" * 199 + "…", '{"c":1}']]


@pytest.mark.parametrize(
    ("content", "rule", "line"),
    [
        (b"", "empty", None),
        (b" \n\n", "empty", None),
        (b"a,b\n", "empty", None),
        (gzip.compress(b"a,b\n1,2\n", mtime=0), "compressed", None),
        (b"PK\x03\x04rest", "compressed", None),
        ("a,b\n1,2\n".encode("utf-16"), "encoding", 1),
        (b"a,b\n1,caf\xe9\n", "encoding", 2),
        (b"a,b\n1,2\n3,\x00\n", "nul_byte", 3),
        (b'{"a":"\\u0000"}\n', "nul_byte", 1),
        (b"a,b\n1,2\n1,2,3\n", "ragged_row", 3),
        (b'a,b\n"x\ny",2\n1\n', "ragged_row", 4),
        (b'a,b\n1,2\n"open,2\n3,4\n', "malformed_csv", 3),
        (b"a,a\n1,2\n", "repeated_column", 1),
        (b"a,\n1,2\n", "unnamed_column", 1),
        (b"a\x07,b\n1,2\n", "column_name", 1),
        (b"a;b\n1;2\n", "delimiter", 1),
        (b"<!DOCTYPE html><p>", "markup", None),
        (b'[{"a":1},{"a":2}]\n', "json_array", 1),
        (b'[\n{"a":1}\n]\n', "json_array", 1),
        (b'{"a":1}\n[1]\n', "no_object", 2),
        (b'{"a":1}\n{"a":\n', "malformed_json", 2),
        (b'{"a":NaN}\n', "malformed_json", 1),
        (b'{"a":' + b"[" * 5000 + b"\n", "malformed_json", 1),
        (b'{"":1}\n', "unnamed_column", 1),
        (",".join(f"c{n}" for n in range(MAX_COLUMNS + 1)).encode(), "too_many_columns", 1),
        (b"a\n1\n" + b"x" * (MAX_LINE_BYTES + 1), "long_line", 3),
    ],
)
def test_what_is_no_dataset_is_refused_with_its_line(
    tmp_path: Path, content: bytes, rule: str, line: int | None
) -> None:
    with pytest.raises(UnreadableDataset) as refused:
        inspect_file(written(tmp_path, content))

    assert (refused.value.rule, refused.value.line) == (rule, line)
    message = refused.value.violations[0].message
    assert (line is not None) == message.startswith(f"Line {line}: ")
