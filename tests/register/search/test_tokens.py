"""Words as tokens: readings, pairs, ends of numbers; by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.register.search.tokens import Document, initials, of_document, of_word, rank, spells


def test_initials_know_every_reading() -> None:
    assert initials("弄") == {"l", "n"}, "lòng and nòng"
    assert initials("单") == {"d", "c", "s"}, "dān, chán, shàn"
    assert initials("!") == frozenset()


def test_spells_takes_either_reading_and_neighbours_only() -> None:
    assert spells("沈家弄", "sjl")
    assert spells("沈家弄", "sjn")
    assert spells("沈家弄", "jl")
    assert not spells("沈家弄", "sl")


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("王桂兰", 0),
        ("王桂", 1),
        ("桂兰", 2),
        ("wgl", 1),
        ("gl", 1),
        ("wang", 1),
        ("guil", 1),
        ("5566", 1),
        ("13900005566", 0),
        ("王兰", None),
        ("wl", None),
        ("1390", None),
        ("王 5566", 1),
        ("王 5567", None),
    ],
)
def test_rank_of_a_person(query: str, wanted: int | None) -> None:
    person = Document(("王桂兰",), ("Wang Guilan",), ("13900005566",))
    assert rank(person, query) == wanted


def test_single_character_is_found() -> None:
    assert of_word("王") == [frozenset({"c:王"})]


def test_code_is_found_by_beginning_and_end() -> None:
    area = Document(("柳溪村",), ("Liuxi",), (), ("330402101203",))
    assert rank(area, "330402") == 1
    assert rank(area, "1203") == 2
    assert rank(area, "0402") is None


HAN = st.text(alphabet="王李张陈弄单沈家桂兰国建柳溪村", min_size=1, max_size=6)


@settings(deadline=None)  # the table of readings is read at the first use
@given(HAN, st.integers(0, 5), st.integers(1, 6))
def test_every_part_of_a_name_is_proposed_by_its_tokens(name: str, at: int, long: int) -> None:
    """Whatever the comparison would accept, the tokens propose: nothing is lost by the index."""
    part = name[at : at + long]
    document = Document((name,))
    if part:
        assert rank(document, part) is not None
        assert any(way <= of_document(document) for way in of_word(part))


@settings(deadline=None)  # the table of readings is read at the first use
@given(HAN, st.data())
def test_every_spelling_of_a_name_is_proposed_by_its_tokens(name: str, data: st.DataObject) -> None:
    letters = "".join(data.draw(st.sampled_from(sorted(initials(c)))) for c in name)
    document = Document((name,))
    assert rank(document, letters) is not None
    assert any(way <= of_document(document) for way in of_word(letters))
