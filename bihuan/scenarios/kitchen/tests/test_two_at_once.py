"""Two batches that go wrong together are two cases; what is wrong with one batch is one case."""

from __future__ import annotations

import pytest

from bihuan.scenarios.kitchen.tests.place import Place

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def test_two_batches_that_go_wrong_together_are_two_cases(place: Place) -> None:
    """Both cooks at 65 ℃, where 70 ℃ is the limit; one batch also has no sample after an hour."""
    first, second = place.batch(core=65.0), place.batch(core=66.0)
    place.sample(second)
    place.wait(minutes=1)
    cases = place.cases("deviation")
    assert [case.row_id for case in cases] == [first, second]
    assert {case.subject_id for case in cases} == {place.supplier}
    place.wait(minutes=61)
    assert len(place.cases("deviation")) == 2, "no sample joins the case of its own batch"
    joined = {case.row_id: case.signals for case in place.cases("deviation")}
    assert joined[first] > joined[second]


def test_two_recalls_are_two_cases(place: Place) -> None:
    batches = [place.released(), place.released()]
    for batch in batches:
        place.do(batch, "recall", "officer", reason="51℃", substitute="备用热餐 240 份")
        place.confirm("director")
    place.wait(minutes=1)
    assert [case.row_id for case in place.cases("recall")] == batches
