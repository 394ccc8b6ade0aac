"""What an API key looks like, and how a mistyped one is told before the database is asked."""

import pytest

from lockstitch.identity.keys import PREFIX, is_well_formed, key_hash, new_key


def test_new_keys_differ_and_are_well_formed() -> None:
    keys = {new_key() for _ in range(200)}

    assert len(keys) == len({key_hash(key) for key in keys}) == 200
    assert {len(key) for key in keys} == {40}
    assert all(is_well_formed(key) for key in keys)


@pytest.mark.parametrize("place", range(len(PREFIX), 40))
def test_one_wrong_character_is_told_by_the_checksum(place: int) -> None:
    key = new_key()
    wrong = "A" if key[place] != "A" else "B"

    assert not is_well_formed(key[:place] + wrong + key[place + 1 :])


def test_what_has_another_form_is_no_key() -> None:
    for text in ("", PREFIX, "lsk-" + "0" * 36, new_key() + "0", new_key()[:-1]):
        assert not is_well_formed(text)
