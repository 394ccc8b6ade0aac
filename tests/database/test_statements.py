import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockstitch.database.statements import Statement, fingerprint, split_statements

PIECES = (
    "select 1",
    "select ';'",
    "select 'it''s; so'",
    r"select E'\'; '",
    'select ";" from "a""b;"',
    "select $$;$$",
    "select $body$ ; $$ ; $body$",
    "select a$1$b, c$1$d",
    "select /* ; /* ; */ ; */ 1",
    "select 1 -- ; not here",
    "create rule r as on insert to t do also (insert into u values (1); notify n)",
    "create function f() returns int begin atomic select 1; select case when true then 2 end; end",
    "create function größe() returns int language sql as $größe$ select 1; $größe$",
)


def texts(sql: str) -> list[str]:
    return [statement.text for statement in split_statements(sql)]


@pytest.mark.parametrize("piece", PIECES)
def test_semicolon_inside_a_statement_does_not_end_it(piece: str) -> None:
    assert texts(f"{piece}\n;select 2;") == [piece, "select 2"]


@given(st.lists(st.sampled_from(PIECES), max_size=8))
def test_joined_statements_split_again(pieces: list[str]) -> None:
    assert texts("\n;\n".join(pieces)) == pieces


@given(st.text(alphabet="ab;'\"$/*-\\\n ()eE_1"))
def test_split_statements_say_what_the_file_said(sql: str) -> None:
    assert fingerprint(";\n".join(texts(sql))) == fingerprint(sql)


def test_line_is_where_the_statement_begins() -> None:
    sql = "\n-- first\nselect 1;\n\n\nselect\n2;"
    assert split_statements(sql) == [
        Statement("-- first\nselect 1", 2),
        Statement("select\n2", 6),
    ]


def test_comments_alone_are_no_statement() -> None:
    assert texts("-- nothing\n; /* here */ ;;") == []


def test_first_word_is_behind_the_comments() -> None:
    assert split_statements("/* begin */ -- commit\n  Create table t ()")[0].first_word == "create"


def test_fingerprint_sees_words_and_not_their_layout() -> None:
    assert fingerprint("select  1 -- one\n ;") == fingerprint("/* a */ select\n1")
    assert fingerprint("select 1") != fingerprint("select 2")
    assert fingerprint("select 'a  b'") != fingerprint("select 'a b'")
