"""Erased is gone: from every file, from an old backup restored, from a rebuild, after a crash."""

from __future__ import annotations

import math
import sqlite3
import struct
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from bihuan.base.errors import BadInputError
from bihuan.base.time import MovableClock
from bihuan.journal import erase as erase_module
from bihuan.journal.append import Appender
from bihuan.journal.archive import close_days
from bihuan.journal.backup import backup, backup_keys, is_postgres, restore, restore_keys
from bihuan.journal.erase import erase, finish_erasures
from bihuan.journal.erased import erasures
from bihuan.journal.follow import catch_up
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE, Entry
from bihuan.journal.read import read_batches
from bihuan.journal.readings import append_readings
from bihuan.journal.rebuild import check
from bihuan.journal.series import series_of_subject
from bihuan.journal.storage import alias_of, reading_lanes
from bihuan.journal.verify import verify
from tests.journal.test_readings import reading, stored
from tests.journal.town import LATEST, HouseBuilt, Town

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


PERSON, NEIGHBOUR = 5, 9
SECRET = "王桂兰 13800000000"
# a value whose eight bytes are not to be found by chance
MARK = struct.unpack("<d", b"markMARK")[0]


def broken() -> list[Any]:
    return [r.broken for r in verify() if r.broken]


def live(clock: MovableClock, keys: KeyRing) -> bytes:
    """A sealed text and readings of a person and of a neighbour, all projected; the sealed text."""
    sealed = keys.seal(PERSON, SECRET)
    with Appender(FACTS_LANE, clock) as lane:
        lane.append(HouseBuilt(street="河街", owner=sealed))
        lane.append(HouseBuilt(street="河街", owner=keys.seal(NEIGHBOUR, "邻居")))
    # every subject of the lane stands in one batch with the person
    for _ in range(3):
        rows = [reading(s, value=MARK if s == PERSON else 70.0 + s) for s in range(1, 13)]
        append_readings(rows, seen0=3, clock=clock)
    project_all()
    return sealed


def project_all() -> None:
    for lane in reading_lanes():
        catch_up("test latest", lane)


def keys_of(person: int) -> list[Any]:
    return [at.key for at in series_of_subject(person)]


def is_gone(keys: KeyRing, sealed: bytes) -> bool:
    values = [v for s, _, v in stored() if s == PERSON]
    return keys.open(sealed) is None and not values and not LATEST.filter(reading=MARK).exists()


def files_with(folder: Path, content: bytes) -> list[str]:
    return sorted(p.name for p in folder.rglob("*") if p.is_file() and content in p.read_bytes())


def test_erased_is_gone_and_the_chain_still_verifies(
    town: Town, clock: MovableClock, keys: KeyRing
) -> None:
    sealed = live(clock, keys)
    assert keys.open(sealed) == SECRET
    before = sorted(row for row in stored() if row[0] != PERSON)
    erase(PERSON, keys_of(PERSON), clock, keys)
    assert is_gone(keys, sealed)
    assert sorted(stored()) == before  # and nobody else's is
    assert broken() == []
    assert sum(r.erased_chunks for r in verify()) == 3
    assert str(check(town)) == "equal"
    ((_, said),) = erasures()
    assert said.person_id == PERSON
    assert said.series == tuple((at.lane, at.slot) for at in series_of_subject(PERSON))
    with pytest.raises(BadInputError, match="want a person who is not erased"):
        keys.seal(PERSON, "again")


def test_erasing_twice_changes_nothing(town: Town, clock: MovableClock, keys: KeyRing) -> None:
    live(clock, keys)
    erase(PERSON, keys_of(PERSON), clock, keys)
    erase(PERSON, keys_of(PERSON), clock, keys)
    assert len(erasures()) == 1
    assert broken() == []


def test_nothing_is_left_in_the_bytes_of_any_file(
    town: Town, clock: MovableClock, keys: KeyRing, data: Path
) -> None:
    if is_postgres():
        pytest.skip("PostgreSQL's files are not ours to read; docs/journal.md says what remains")
    live(clock, keys)
    key = _raw_key(data / "keys.db")
    clock.advance(days=1)
    close_days(clock)
    assert files_with(data, key)
    assert files_with(data, b"markMARK")
    assert files_with(data, SECRET.encode()) == []  # sealed from the start
    erase(PERSON, keys_of(PERSON), clock, keys)
    assert files_with(data, key) == []
    assert files_with(data, b"markMARK") == []
    assert broken() == []


def _raw_key(path: Path) -> bytes:
    with sqlite3.connect(path) as connection:
        found = connection.execute("SELECT key FROM person_key WHERE person = ?", (PERSON,))
        key: bytes = found.fetchone()[0]
    return key


def test_an_erasure_nobody_recorded_is_named(
    town: Town, clock: MovableClock, keys: KeyRing
) -> None:
    live(clock, keys)
    (at,) = series_of_subject(PERSON)
    erase_module.overwrite(at.lane, {at.slot})
    (found,) = broken()
    assert found.lane == at.lane
    assert "lane 0 records no such erasure" in found.what


def test_an_erased_chunk_that_is_not_all_zeros_is_named(
    town: Town, clock: MovableClock, keys: KeyRing
) -> None:
    live(clock, keys)
    erase(PERSON, keys_of(PERSON), clock, keys)
    (at,) = series_of_subject(PERSON)
    place = list(read_batches(at.lane))[-1]
    entry = Entry.objects.using(alias_of(at.lane)).get(lane=at.lane, position=place.position)
    body = bytes(entry.body or b"")
    assert broken() == []
    for number in range(len(body)):
        changed = body[:number] + bytes([body[number] ^ 1]) + body[number + 1 :]
        with connections[alias_of(at.lane)].cursor() as cursor:
            sql = "UPDATE journal_entry SET body = %s WHERE lane = %s AND position = %s"
            cursor.execute(sql, (changed, at.lane, place.position))
        assert [(b.lane, b.position) for b in broken()] == [(at.lane, place.position)], number


@pytest.mark.parametrize(
    "step", ["_record", "overwrite", "erase_archived", "forget_series", "clear"]
)
def test_an_interrupted_erasure_is_finished_at_the_next_start(
    town: Town,
    clock: MovableClock,
    keys: KeyRing,
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    sealed = live(clock, keys)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(erase_module, step, crash)
        with pytest.raises(KeyboardInterrupt):
            erase(PERSON, keys_of(PERSON), clock, keys)
    assert broken() == []
    again = KeyRing(data / "keys.db")
    assert again.open(sealed) is None
    assert finish_erasures(clock, again) == [PERSON]
    assert finish_erasures(clock, again) == []
    assert is_gone(again, sealed)
    assert broken() == []
    assert str(check(town)) == "equal"
    assert len(erasures()) == 1


def test_restoring_an_old_backup_brings_nobody_back(
    town: Town, clock: MovableClock, keys: KeyRing, tmp_path: Path
) -> None:
    sealed = live(clock, keys)
    clock.advance(days=1)
    close_days(clock)
    backup(tmp_path / "old", clock)
    backup_keys(tmp_path / "old-keys", keys)
    clock.advance(days=1)
    erase(PERSON, keys_of(PERSON), clock, keys)
    # a series that is new since the backup gets another slot after the restore
    append_readings([reading(77)], seen0=3, clock=clock)
    assert restore(tmp_path / "old", clock, keys) == [PERSON]
    assert is_gone(keys, sealed)
    assert broken() == []
    assert len(erasures()) == 1
    if not is_postgres():  # the test town's tables are in no app, so COPY leaves them alone
        assert str(check(town)) == "equal"
    assert restore_keys(tmp_path / "old-keys", clock, keys) == [PERSON]
    assert is_gone(keys, sealed)
    assert keys.open(keys.seal(NEIGHBOUR, "邻居")) == "邻居"
    neighbours = [v for s, _, v in stored() if s == NEIGHBOUR]
    assert neighbours == [79.0] * 3
    assert not math.isnan(neighbours[0])


def test_a_backup_holds_no_keys_and_names_a_changed_file(
    town: Town, clock: MovableClock, keys: KeyRing, tmp_path: Path
) -> None:
    live(clock, keys)
    manifest = backup(tmp_path / "one", clock)
    assert manifest["county"] == "青禾县"
    # these three tables hold public keys and hashes; anything else with a key in its name may not
    named = {Path(name).stem for name in manifest["files"] if "key" in name}
    assert named <= {"console_passkey", "register_integration_key", "register_sender_key"}
    name = sorted(manifest["files"])[0]
    path = tmp_path / "one" / name
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(BadInputError, match=f"backup: got {name}, want the file as it was"):
        restore(tmp_path / "one", clock, keys)
    with pytest.raises(BadInputError, match="want a folder that is new or empty"):
        backup(tmp_path / "one", clock)


def test_an_erasure_touches_no_series_that_took_the_slot(
    town: Town, clock: MovableClock, keys: KeyRing, tmp_path: Path
) -> None:
    backup(tmp_path / "empty", clock)
    live(clock, keys)
    erase(PERSON, keys_of(PERSON), clock, keys)
    restore(tmp_path / "empty", clock, keys)
    # now every slot goes to somebody else
    others = range(1001, 1041)
    append_readings([reading(s) for s in others], seen0=1, clock=clock)
    restore_count = len(stored())
    assert restore_count == 40
    keys.erase(PERSON, clock.now_us())
    assert finish_erasures(clock, keys) == [PERSON]
    assert len(stored()) == restore_count
    assert broken() == []


def test_erasure_by_one_process_is_seen_by_another_that_read_the_key(data: Path) -> None:
    """The web process holds keys for speed; an operator erases from the command line."""
    operator, web = KeyRing(data / "keys.db"), KeyRing(data / "keys.db")
    sealed = operator.seal(PERSON, SECRET)
    assert web.open(sealed) == SECRET
    operator.erase(PERSON, 0)
    assert web.open(sealed) is None
