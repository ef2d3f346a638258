"""Rows against a plain dict: live, fresh and trimmed leave the same tables."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connections, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from bihuan.base.errors import BadInputError
from bihuan.journal.models import Parked
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.journal.tables import OutsideProjectorError
from tests.journal.town import HOUSES, House, Street, Town

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


KEYS = st.integers(1, 6)
STREETS = st.sampled_from(["河街", "山街", "o'street"])
CASES = st.sampled_from([None, 1, 2])
NAMES = ("id", "street", "case", "owner", "repairs", "is_lived_in", "warmth")


def on_disk() -> dict[int, tuple[Any, ...]]:
    rows = HOUSES.values_list(*NAMES)
    return {
        row[0]: tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in rows
    }


class Model(RuleBasedStateMachine):
    """What a projector may do, in any order, against a dict; `mode` says how Rows is used."""

    mode = "live"

    def __init__(self) -> None:
        super().__init__()
        with connections[MAIN].cursor() as cursor:
            cursor.execute("DELETE FROM test_house")
        self.rows = Rows(MAIN, is_fresh=self.mode != "live")
        self.model: dict[int, tuple[Any, ...]] = {}

    @rule(key=KEYS, street=STREETS, case=CASES)
    def new(self, key: int, street: str, case: int | None) -> None:
        if key in self.model:
            # held in memory it is refused; only on disk the flush would fail: not tried here
            if self.rows.get(House, key) is not None:
                with pytest.raises(BadInputError):
                    self.rows.new(House, id=key, street=street)
            return
        self.rows.new(House, id=key, street=street, case=case)
        self.model[key] = (key, street, case, None, 0, True, None)

    @rule(key=KEYS, repairs=st.integers(0, 9), owner=st.none() | st.binary(max_size=3))
    def change(self, key: int, repairs: int, owner: bytes | None) -> None:
        if key not in self.model:
            with pytest.raises(BadInputError):
                self.rows.change(House, key)
            return
        row = self.rows.change(House, key)
        row.repairs, row.owner, row.is_lived_in = repairs, owner, repairs % 2 == 0
        was = self.model[key]
        self.model[key] = (*was[:3], owner, repairs, repairs % 2 == 0, was[6])

    @rule(key=KEYS, street=STREETS, warmth=st.floats(-1e9, 1e9))
    def put(self, key: int, street: str, warmth: float) -> None:
        was = self.model.get(key, (key, street, None, None, 0, True, None))
        if was[1] != street:
            with pytest.raises(BadInputError):
                self.rows.put(House, id=key, street=street, warmth=warmth)
            return
        self.rows.put(House, id=key, street=street, warmth=warmth)
        self.model[key] = (*was[:6], warmth)

    @rule(key=KEYS)
    def remove(self, key: int) -> None:
        self.rows.remove(House, key)
        self.model.pop(key, None)

    @rule(data=st.data())
    def raise_midway(self, data: st.DataObject) -> None:
        """An entry that changes much and then raises changes nothing."""
        with pytest.raises(ZeroDivisionError):
            self._half_an_entry(data)

    def _half_an_entry(self, data: st.DataObject) -> None:
        with self.rows.undone_on_error():
            for key in data.draw(st.lists(KEYS, max_size=5)):
                if self.rows.get(House, key) is None:
                    self.rows.new(House, id=key, street="山街", case=2)
                elif data.draw(st.booleans()):
                    self.rows.remove(House, key)
                else:
                    self.rows.change(House, key).repairs = -1
            raise ZeroDivisionError

    @rule(street=STREETS, case=CASES)
    def find(self, street: str, case: int | None) -> None:
        by_street = [row.id for row in self.rows.where(House, street=street)]
        assert by_street == sorted(k for k, row in self.model.items() if row[1] == street)
        by_case = [row.id for row in self.rows.where(House, case=case)]
        wanted = [] if case is None else [k for k, row in self.model.items() if row[2] == case]
        assert by_case == sorted(wanted)

    @rule()
    def flush(self) -> None:
        self.rows.flush()
        assert on_disk() == self.model

    @rule(most=st.integers(0, 4))
    def flush_and_let_go(self, most: int) -> None:
        self.rows.flush()
        if self.mode == "live":
            self.rows = Rows(MAIN)  # the next transaction
        if self.mode == "trimmed":
            self.rows.trim(most)

    @invariant()
    def get_agrees(self) -> None:
        for key in range(1, 7):
            row: Any = self.rows.get(House, key)
            found = None if row is None else tuple(getattr(row, name) for name in NAMES)
            assert found == self.model.get(key)

    def teardown(self) -> None:
        self.rows.flush()
        assert on_disk() == self.model


@pytest.mark.parametrize("mode", ["live", "fresh", "trimmed"])
def test_rows_agree_with_a_dict(town: Town, mode: str) -> None:
    machine = type(f"Model_{mode}", (Model,), {"mode": mode})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_row_that_frees_a_unique_value_is_written_before_the_one_that_takes_it(
    town: Town,
) -> None:
    with connections[MAIN].cursor() as cursor:
        cursor.execute('CREATE UNIQUE INDEX one_open ON test_house ("case") WHERE repairs = 0')
    rows = Rows(MAIN)
    rows.new(House, id=9, street="河街", case=1)
    rows.flush()
    rows = Rows(MAIN)
    rows.change(House, 9).repairs = 1
    rows.new(House, id=3, street="河街", case=1)
    rows.flush()
    assert sorted(on_disk()) == [3, 9]


def test_fields_that_are_no_plain_columns_come_back_as_they_went(town: Town) -> None:
    rows = Rows(MAIN)
    rows.new(Street, name="河街", houses=1, notes={"宽": [1, 2.5, None]})
    rows.flush()
    row = Rows(MAIN).get(Street, "河街")
    assert row is not None
    assert row.notes == {"宽": [1, 2.5, None]}


def test_a_bulk_of_new_rows_is_written_whole(town: Town) -> None:
    rows = Rows(MAIN, is_fresh=True)
    for number in range(1_200):  # PostgreSQL takes COPY from 500 rows on
        rows.new(House, id=number, street="河\t街\\", owner=b"\x00\\\n", warmth=0.1)
    rows.new(Street, name="x", houses=1)
    with transaction.atomic(using=MAIN):
        assert rows.flush() == 1_201
    assert on_disk()[7] == (7, "河\t街\\", None, b"\x00\\\n", 0, True, 0.1)
    assert len(on_disk()) == 1_200


def test_a_wrong_field_or_lookup_is_named(town: Town) -> None:
    rows = Rows(MAIN)
    with pytest.raises(BadInputError, match=r"journal_tests\.House: got colour, street, want"):
        rows.new(House, id=1, colour="red")
    with pytest.raises(BadInputError, match="lookup: got repairs, want street or case"):
        rows.where(House, repairs=1)


def test_a_table_that_a_projector_did_not_name_is_refused(town: Town) -> None:
    with pytest.raises(BadInputError, match="want a table that this projector named"):
        Rows(MAIN, only=[Street]).get(House, 1)


def test_a_projection_saved_outside_a_projector_raises(county: str) -> None:
    parked = Parked(id=1, stream=1, type="x", reason="y", recorded_us=0)
    with pytest.raises(OutsideProjectorError):
        parked.save()
    with pytest.raises(OutsideProjectorError):
        parked.delete()
    for write in ("create", "bulk_create", "update", "delete", "get_or_create", "bulk_update"):
        with pytest.raises(OutsideProjectorError):
            getattr(Parked.objects.all(), write)()
