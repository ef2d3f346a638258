"""Any one byte changed on disk is named by lane and position."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, transaction

from bihuan.base.errors import BadInputError
from bihuan.base.time import MovableClock
from bihuan.journal import county as journal_county
from bihuan.journal.append import Appender, typed_item
from bihuan.journal.chain import hash_of
from bihuan.journal.heads import is_due, marks, own_public_key, read_heads, sign
from bihuan.journal.models import FACTS_LANE, Entry
from bihuan.journal.payloads import encode
from bihuan.journal.readings import append_readings
from bihuan.journal.storage import MAIN, alias_of, lock_head
from bihuan.journal.verify import LaneResult, verify
from bihuan.journal.writer import LaneWriter
from tests.journal.test_readings import reading
from tests.journal.town import Noted

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def broken() -> list[tuple[int, int]]:
    """(lane, position) of every broken lane."""
    return [(r.lane, r.broken.position) for r in verify() if r.broken]


def what(lane: int) -> str:
    (found,) = [r.broken.what for r in verify() if r.lane == lane and r.broken]
    return found


def filled(clock: MovableClock) -> tuple[int, int]:
    """Five entries in lane 0, batches in one reading lane; that lane and its last position."""
    with Appender(FACTS_LANE, clock) as lane:
        for house in range(4):
            clock.advance(seconds=1)
            lane.append(Noted(house=house), idem=b"house %d" % house)
    for _ in range(3):
        done = append_readings(
            [reading(5, value=v) for v in (60.0, 61.0)],
            seen0=5,
            clock=clock,
            idem=b"x" * 8,
            window_us=-1,
        )
    ((at, position),) = done.positions.items()
    return at, position


def change(lane: int, position: int, column: str, new: Any) -> None:
    with connections[alias_of(lane)].cursor() as cursor:
        cursor.execute(
            f"UPDATE journal_entry SET {column} = %s WHERE lane = %s AND position = %s",
            (new, lane, position),
        )


def flipped(stored: Any, at: int) -> Any:
    """The stored value with one byte (or one character, or one) changed."""
    if stored is None:
        return b"" if at else 0
    if isinstance(stored, int):
        return stored + 1
    if isinstance(stored, str):
        return stored[:at] + chr(ord(stored[at]) ^ 1) + stored[at + 1 :]
    return stored[:at] + bytes([stored[at] ^ 1]) + stored[at + 1 :]


def test_an_untouched_county_verifies(county: str, clock: MovableClock) -> None:
    lane, position = filled(clock)
    found = {r.lane: r for r in verify()}
    assert sorted(found) == [0, 1, 2, 3, 4, 255]
    assert found[0] == LaneResult(0, 5, 0, None)
    assert found[lane].entries == position
    assert broken() == []


@pytest.mark.parametrize(
    "column", ["type", "recorded_us", "seen0", "idem", "salt", "body", "body_hash", "hash"]
)
def test_a_changed_column_names_its_entry(county: str, clock: MovableClock, column: str) -> None:
    readings_lane, last = filled(clock)
    for lane, position in ((0, 1), (0, 3), (0, 5), (readings_lane, 2), (readings_lane, last)):
        entry = Entry.objects.using(alias_of(lane)).get(lane=lane, position=position)
        stored = getattr(entry, column)
        stored = bytes(stored) if isinstance(stored, memoryview) else stored
        new = flipped(stored, 0)
        if stored is None:
            new = 0 if column == "seen0" else b""
        change(lane, position, column, new)
        assert broken() == [(lane, position)], (column, lane, position)
        change(lane, position, column, stored)
    assert broken() == []


def test_every_byte_of_a_batch_is_covered(county: str, clock: MovableClock) -> None:
    lane, last = filled(clock)
    entry = Entry.objects.using(alias_of(lane)).get(lane=lane, position=last)
    body = bytes(entry.body or b"")
    for at in range(len(body)):
        change(lane, last, "body", flipped(body, at))
        assert broken() == [(lane, last)], at
    change(lane, last, "body", body)
    assert broken() == []


def test_every_byte_of_a_typed_body_is_covered(county: str, clock: MovableClock) -> None:
    filled(clock)
    body = bytes(Entry.objects.get(lane=0, position=3).body or b"")
    for at in range(len(body)):
        change(0, 3, "body", flipped(body, at))
        assert broken() == [(0, 3)], at


@pytest.mark.parametrize(
    ("sql", "at"),
    [
        ("DELETE FROM journal_entry WHERE lane = 0 AND position = 3", (0, 3)),
        ("DELETE FROM journal_entry WHERE lane = 0 AND position = 5", (0, 5)),
        ("UPDATE journal_entry SET position = 9 WHERE lane = 0 AND position = 3", (0, 3)),
        ("UPDATE journal_head SET position = 4 WHERE lane = 0", (0, 6)),
        ("UPDATE journal_head SET position = 6 WHERE lane = 0", (0, 6)),
        ("UPDATE journal_head SET recorded_us = recorded_us + 1 WHERE lane = 0", (0, 6)),
        ("DELETE FROM journal_head WHERE lane = 0", (0, 6)),
    ],
)
def test_a_gap_or_a_wrong_head_is_named(
    county: str, clock: MovableClock, sql: str, at: tuple[int, int]
) -> None:
    filled(clock)
    with connections[MAIN].cursor() as cursor:
        cursor.execute(sql)
    assert at in broken()


def test_a_chained_entry_recorded_earlier_is_named(county: str, clock: MovableClock) -> None:
    filled(clock)
    with transaction.atomic(using=MAIN):
        head = lock_head(FACTS_LANE)
        head.recorded_us -= 1
        writer = LaneWriter(head, 0, hash_of("sha256"))
        writer.add(typed_item(Noted(house=9), writer))
        writer.write()
    assert broken() == [(0, 6)]
    assert what(0) == "recorded before the entry that it follows"


def test_an_entry_moved_to_a_lane_never_opened_is_named(county: str, clock: MovableClock) -> None:
    filled(clock)
    with connections[MAIN].cursor() as cursor:
        cursor.execute("UPDATE journal_entry SET lane = 77 WHERE lane = 0 AND position = 5")
    assert broken() == [(0, 5), (77, 0)]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE journal_series SET subject = 6",
        "UPDATE journal_channel SET unit = 'Hz'",
        "DELETE FROM journal_series",
        "INSERT INTO journal_series (lane, slot, device) SELECT lane, 1, 1 FROM journal_series",
    ],
)
def test_a_series_table_that_says_otherwise_is_named(
    county: str, clock: MovableClock, sql: str
) -> None:
    lane, _ = filled(clock)
    with connections[alias_of(lane)].cursor() as cursor:
        cursor.execute(sql)
    assert [at for at, _ in broken()] == [lane]


def test_equal_bodies_have_unlike_hashes(county: str, clock: MovableClock) -> None:
    with Appender(FACTS_LANE, clock) as lane:
        lane.append(Noted(house=1))
        lane.append(Noted(house=1))
    two, three = Entry.objects.filter(lane=0, position__gt=1).order_by("position")
    assert bytes(two.body or b"") == bytes(three.body or b"") == encode(Noted(house=1))[1]
    assert bytes(two.body_hash) != bytes(three.body_hash)
    expected = hashlib.sha256(bytes(two.salt or b"") + b'{"house":1}').digest()
    assert bytes(two.body_hash) == expected


def test_sm3_is_the_published_function() -> None:
    # GB/T 32905-2016, appendix A.1: the message "abc"
    assert hash_of("sm3")(b"abc").hex() == (
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    )


def test_a_county_under_sm3_verifies(
    transactional_db: None, data: Path, clock: MovableClock
) -> None:
    journal_county.create("青禾县", clock, algorithm="sm3", lanes=2)
    lane, last = filled(clock)
    assert broken() == []
    entry = Entry.objects.using(alias_of(lane)).get(lane=lane, position=last)
    change(
        lane, last, "body", flipped(bytes(entry.body or b""), -1 + len(bytes(entry.body or b"")))
    )
    assert broken() == [(lane, last)]


def test_signed_heads_are_due_each_hour(county: str, clock: MovableClock, data: Path) -> None:
    assert is_due(clock.now_us())
    sign(clock)
    clock.advance(minutes=59)
    assert not is_due(clock.now_us())
    clock.advance(minutes=1)
    assert is_due(clock.now_us())


def test_signed_heads_go_to_every_place(
    county: str, clock: MovableClock, data: Path, settings: Any, tmp_path: Path
) -> None:
    settings.BIHUAN_HEADS_TO = [tmp_path]
    sign(clock)
    filled(clock)
    sign(clock)
    copy = tmp_path / "heads.jsonl"
    assert copy.read_bytes() == (data / "heads.jsonl").read_bytes()
    first, second = read_heads(copy, own_public_key())
    assert (first.county, first.algorithm, first.lanes["0"][0]) == ("青禾县", "sha256", 1)
    assert second.lanes["0"][0] == 5
    assert all(r.broken is None for r in verify(marks([first, second])))


def test_a_line_half_written_is_replaced(county: str, clock: MovableClock, data: Path) -> None:
    sign(clock)
    path = data / "heads.jsonl"
    path.write_bytes(path.read_bytes() + path.read_bytes()[:40])
    clock.advance(hours=1)
    assert is_due(clock.now_us())
    sign(clock)
    assert len(list(read_heads(path))) == 2


@pytest.mark.parametrize(
    ("old", "new"), [(b'"0":[5', b'"0":[6'), ("青禾".encode(), "青木".encode()), (b"Z", b"z")]
)
def test_a_forged_head_is_refused(
    county: str, clock: MovableClock, data: Path, old: bytes, new: bytes
) -> None:
    filled(clock)
    sign(clock)
    path = data / "heads.jsonl"
    path.write_bytes(path.read_bytes().replace(old, new))
    with pytest.raises(BadInputError, match="heads line 1"):
        list(read_heads(path, own_public_key()))


def test_a_head_under_another_key_is_refused(county: str, clock: MovableClock, data: Path) -> None:
    wanted = own_public_key()
    (data / "heads.key").unlink()
    sign(clock)
    with pytest.raises(BadInputError, match="want signed with"):
        list(read_heads(data / "heads.jsonl", wanted))


def test_a_tail_cut_off_with_its_head_shows_against_signed_heads(
    county: str, clock: MovableClock, data: Path
) -> None:
    filled(clock)
    sign(clock)
    fourth = Entry.objects.get(lane=0, position=4)
    with connections[MAIN].cursor() as cursor:
        cursor.execute("DELETE FROM journal_entry WHERE lane = 0 AND position = 5")
        cursor.execute(
            "UPDATE journal_head SET position = 4, hash = %s, recorded_us = %s WHERE lane = 0",
            (bytes(fourth.hash), fourth.recorded_us),
        )
    assert broken() == []  # by itself the shortened lane is whole
    against = marks(read_heads(data / "heads.jsonl"))
    assert [(r.lane, r.broken.position) for r in verify(against) if r.broken] == [(0, 5)]
