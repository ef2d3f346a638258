"""The worked numbers of docs/journal.md, run."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from bihuan.journal.batch import Batch, pack
from bihuan.journal.chain import Header, hash_of, link
from bihuan.journal.series import SeriesKey, lane_of

PAGE = (Path(__file__).parents[2] / "docs" / "journal.md").read_text("utf-8")


def number(pattern: str) -> int:
    """The one number that the page gives in this place."""
    (found,) = re.findall(pattern, PAGE)
    return int(found.replace(",", ""))


def test_the_lane_of_subject_1_is_as_the_page_says() -> None:
    lane = number(r"subject 1 is in lane (\d+) of 16")
    assert lane_of(SeriesKey(1, 9, 9), 16) == lane


def test_the_bytes_of_a_batch_are_as_the_page_says() -> None:
    n = 1_000
    batch = Batch(
        series=np.repeat(np.arange(500), 2).astype(np.uint32),
        channel=np.zeros(n, np.uint16),
        quality=np.zeros(n, np.uint8),
        event_us=np.zeros(n, np.int64),
        arrival_us=np.zeros(n, np.int64),
        value=np.zeros(n, np.float64),
    )
    wanted = number(r"1,000 × 27 = ([\d,]+) bytes")
    assert len(pack(batch, hash_of("sha256"))[0]) == wanted


def test_the_bytes_of_a_header_are_as_the_page_says() -> None:
    hashed: list[bytes] = []

    def kept(content: bytes) -> bytes:
        hashed.append(content)
        return bytes(32)

    link(kept, bytes(32), Header(0, 2, "test.noted.v1", 3, None, None, bytes(32)))
    assert len(hashed[0]) == 32 + number(r"\+ 0 \+ 32 = (\d+) bytes")
