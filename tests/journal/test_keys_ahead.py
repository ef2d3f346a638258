"""Keys made ahead: one write for many ids, none for who is erased, and the same key for all."""

from __future__ import annotations

from pathlib import Path

import pytest

from bihuan.base.errors import BadInputError
from bihuan.journal.keys import KeyRing


def test_key_made_ahead_is_the_one_that_seals_and_the_erased_get_none(tmp_path: Path) -> None:
    path = tmp_path / "keys.db"
    one, other = KeyRing(path), KeyRing(path)
    before = other.seal(2, "先")
    other.erase(3, at_us=1)
    one.make_ahead([1, 2, 3])
    assert one.open(before) == "先"
    assert other.open(one.seal(1, "后")) == "后"
    assert one.open(one.seal(2, "后")) == "后"
    with pytest.raises(BadInputError, match="a person who is not erased"):
        one.seal(3, "无")
