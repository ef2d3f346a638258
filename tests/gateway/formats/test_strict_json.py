"""JSON read exactly, and what is not one clean document refused."""

from __future__ import annotations

import pytest

from bihuan.base.errors import BadInputError
from bihuan.gateway.formats import strict_json
from bihuan.gateway.formats.strict_json import Number


def test_read_keeps_the_digits_of_numbers() -> None:
    raw = b'{"a": [36.50, 1e2, -0, 44], "b": "\xe9\x9d\x92", "c": null, "d": true}'
    document = strict_json.read(raw)
    assert document == {
        "a": [Number("36.50"), Number("1e2"), Number("-0"), Number("44")],
        "b": "青",
        "c": None,
        "d": True,
    }
    assert strict_json.write(document).encode() == raw


def test_number_knows_whether_it_is_whole() -> None:
    assert [Number(text).is_integral for text in ("3", "3.0", "3e2", "3.5")] == [
        True,
        True,
        True,
        False,
    ]
    assert Number("1" * 300 + ".5").is_integral is False


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b"", "document"),
        (b" \n", "document"),
        (b"{", "document"),
        (b"{} {}", "document"),
        (b"{'a': 1}", "document"),
        (b'{"a": NaN}', "document"),
        (b'{"a": 1e99999999999}', "document"),
        (b'{"a": ' + b"9" * 500 + b"}", "document"),
        (b'{"a": "\\ud800"}', "document"),
        (b'{"a": "\xff"}', "document"),
        ('{"a": 1}'.encode("utf-16"), "document"),
        (b"[" * 100 + b"]" * 100, "document"),
        (b"[" * 200_000, "document"),
        (b'{"a": {"key": 1, "key": 2}}', "key"),
    ],
)
def test_read_refuses_what_is_not_one_clean_document(raw: bytes, field: str) -> None:
    with pytest.raises(BadInputError) as raised:
        strict_json.read(raw)
    assert [fault.field for fault in raised.value.faults] == [field]


def test_read_passes_over_a_byte_order_mark() -> None:
    assert strict_json.read(b"\xef\xbb\xbf[]") == []
