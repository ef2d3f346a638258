"""`Facts.related`: rows are read when somebody asks for them, once, and only those asked for."""

from __future__ import annotations

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.register.models import Subject
from bihuan.register.records.acts import Opening
from bihuan.register.records.facts import facts_of
from bihuan.register.records.models import Record
from tests.register.conftest import SCENARIO, Kitchen

pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]


def sample(kitchen: Kitchen, batch: int) -> int:
    said = {"batch": batch, "grams": 150}
    new = Opening(SCENARIO, "sample", said, subject_id=kitchen.unit)
    return kitchen.ledger.open(new, kitchen.by(kitchen.manager))


def test_related_rows_are_read_when_asked_for_and_once(kitchen: Kitchen) -> None:
    batch = kitchen.batch()
    mine = [sample(kitchen, batch), sample(kitchen, batch)]
    sample(kitchen, kitchen.batch())  # another batch's
    facts = facts_of(Rows(MAIN), kitchen.row(batch), kitchen.now_us)
    with CaptureQueriesContext(connections[MAIN]) as asked:
        assert [row["id"] for row in facts.related["samples"]] == mine, "oldest first"
    assert asked.captured_queries, "not read before"
    with CaptureQueriesContext(connections[MAIN]) as asked:
        assert len(facts.related["samples"]) == 2
    assert not asked.captured_queries, "read once"


def test_facts_of_a_subject_read_none_of_its_rows_until_asked(kitchen: Kitchen) -> None:
    made = [kitchen.batch(), kitchen.batch()]
    subject = Subject.objects.get(id=kitchen.unit)
    with CaptureQueriesContext(connections[MAIN]) as asked:
        facts = facts_of(Rows(MAIN), subject, kitchen.now_us)
    assert not [one for one in asked.captured_queries if Record._meta.db_table in one["sql"]]
    assert [row["id"] for row in facts.related["batches"]] == made


def test_rows_hang_on_the_row_that_a_field_points_to(kitchen: Kitchen) -> None:
    batch = kitchen.batch()
    first, second = sample(kitchen, batch), sample(kitchen, batch)
    related = facts_of(Rows(MAIN), kitchen.row(first), kitchen.now_us).related
    assert [row["id"] for row in related["batch"]] == [batch]
    assert [row["id"] for row in related["batch.samples"]] == [first, second]
    assert [row["id"] for row in related["subject.batches"]] == [batch]


@pytest.mark.parametrize("name", ["colour", "batch.colour", "colour.samples", "dish.samples"])
def test_what_is_not_declared_is_no_related_row(kitchen: Kitchen, name: str) -> None:
    """A KeyError, never an empty list that reads like `there is none`."""
    made = sample(kitchen, kitchen.batch())
    related = facts_of(Rows(MAIN), kitchen.row(made), kitchen.now_us).related
    with pytest.raises(KeyError):
        related[name]
