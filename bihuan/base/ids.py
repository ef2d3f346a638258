"""Ids come from (lane, position): the same journal gives the same ids in every rebuild."""

from __future__ import annotations

from bihuan.base.errors import bad

_ROW_BITS = 14
ROWS_PER_ENTRY = 1 << _ROW_BITS
MOST_DIGITS = 18  # of an id in an address: fits into 64 bits


def row_id(position: int, n: int = 0) -> int:
    """The id of the n-th row that the lane-0 entry at `position` brings into being.

    Stays below 2**53 (exact in a browser) up to position 5.4e11.
    """
    if not 0 <= n < ROWS_PER_ENTRY:
        raise bad("rows of one entry", n, f"0 to {ROWS_PER_ENTRY - 1}")
    return position << _ROW_BITS | n


def position_of(identity: int) -> int:
    """The position of the entry that brought this row into being."""
    return identity >> _ROW_BITS


def is_id(text: str) -> bool:
    """Whether a text from outside is the number of a row: ASCII digits, and not too many."""
    return text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
