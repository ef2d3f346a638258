"""The tests that docs/decisions/ names: what was decided still holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from django.apps import apps
from django.db import models

from bihuan.base.errors import BadInputError
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import Parked
from bihuan.journal.payloads import Payload, decode, encode, entry_type, upcasts
from bihuan.journal.rows import Rows
from bihuan.journal.tables import OutsideProjectorError, ReadOnlyModel, kind_of


@entry_type("repo_test.said.v1")
class SaidOnce(Payload, frozen=True, kw_only=True):
    """A payload of this test."""

    words: str


@entry_type("repo_test.said.v2")
class Said(Payload, frozen=True, kw_only=True):
    """Its next version, which tells who spoke."""

    words: str
    speaker: int


@upcasts(SaidOnce)
def said_by_nobody(old: SaidOnce) -> Said:
    return Said(words=old.words, speaker=0)


def test_sealed_text_is_gone_with_its_key_in_every_copy(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path / "keys.db")
    in_journal = ring.seal(7, "王秀英")
    in_old_backup = bytes(in_journal)
    assert ring.open(in_journal) == "王秀英"
    assert "王秀英".encode() not in in_journal
    ring.erase(7, at_us=1)
    for copy in (in_journal, in_old_backup):
        assert KeyRing(tmp_path / "keys.db").open(copy) is None
    with pytest.raises(BadInputError, match="want a person who is not erased"):
        ring.seal(7, "王秀英")


def test_payload_of_an_unknown_field_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="unknown field `mood`"):
        decode("repo_test.said.v2", b'{"words":"a","speaker":1,"mood":"x"}')


def test_payload_of_an_old_version_is_read_as_the_newest_and_never_written() -> None:
    assert decode("repo_test.said.v1", b'{"words":"a"}') == Said(words="a", speaker=0)
    with pytest.raises(BadInputError, match="want the newest version"):
        encode(SaidOnce(words="a"))


def test_payload_name_is_taken_once() -> None:
    with pytest.raises(BadInputError, match="want a name that is not taken"):
        entry_type("repo_test.said.v2")(Said)


def project(rows: Rows) -> None:
    """What a projector may do: make, change, find and remove rows."""
    for n, stream in enumerate((1, 1, 2, 2), start=1):
        rows.new(Parked, id=n, stream=stream, type="t.v1", reason="first", recorded_us=n)
    for row in rows.where(Parked, stream=1):
        rows.change(Parked, row.id).reason = "changed"
    rows.remove(Parked, 3)
    rows.put(Parked, id=4, stream=2, type="t.v1", reason="put", recorded_us=9)
    rows.put(Parked, id=5, stream=3, type="t.v1", reason="put", recorded_us=9)


@pytest.mark.django_db(databases="__all__")
@pytest.mark.parametrize("is_fresh", [False, True], ids=["live", "rebuild"])
def test_rows_write_the_same_live_and_in_a_rebuild(is_fresh: bool) -> None:
    rows = Rows("default", is_fresh=is_fresh)
    project(rows)
    rows.flush()
    written = Parked.objects.order_by("id").values_list("id", "stream", "reason", "recorded_us")
    assert list(written) == [
        (1, 1, "changed", 1),
        (2, 1, "changed", 2),
        (4, 2, "put", 9),
        (5, 3, "put", 9),
    ]


def guarded() -> list[type[ReadOnlyModel]]:
    return [model for model in apps.get_models() if issubclass(model, ReadOnlyModel)]


WRITES = ("create", "get_or_create", "update_or_create", "bulk_create", "bulk_update", "update")


def writes(model: type[ReadOnlyModel]) -> Iterator[Callable[[], object]]:
    yield model().save
    yield model().delete
    yield from (getattr(model.objects, name) for name in WRITES)
    yield model.objects.all().delete


@pytest.mark.parametrize("model", guarded(), ids=lambda model: model.__name__)
def test_tables_of_the_journal_refuse_a_write_past_it(model: type[ReadOnlyModel]) -> None:
    for write in writes(model):
        with pytest.raises(OutsideProjectorError):
            write()


@pytest.mark.parametrize("model", apps.get_models(include_auto_created=True), ids=str)
def test_tables_say_what_they_are_and_facts_and_projections_are_guarded(
    model: type[models.Model],
) -> None:
    is_guarded = issubclass(model, ReadOnlyModel)
    assert is_guarded == (kind_of(model) in ("fact", "projection"))
